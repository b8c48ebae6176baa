// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls each native method, well and badly. What the kernel reads and writes lies in memory of exactly its size, so that, under
 * AddressSanitizer, the C library's functions are found out if they are told of more.
 */
class ShimTest {
    private static final int NO_FD = -1;
    private static final int BYTES = 100;

    @TempDir
    private Path folder;

    private final List<ByteBuffer> inUse = new ArrayList<>();
    private final Deque<Integer> open = new ArrayDeque<>();

    @AfterEach
    void close() {
        open.forEach(fd -> assertThat(Native.close(fd)).isZero());
        inUse.clear();
    }

    private ByteBuffer memory(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        inUse.add(buffer);
        return buffer;
    }

    private long address(ByteBuffer buffer) {
        return Native.directBufferAddress(buffer);
    }

    private long length(int bytes) {
        return address(memory(Integer.BYTES).putInt(0, bytes));
    }

    private int opened(int fd) {
        assertThat(fd).isNotNegative();
        open.push(fd);
        return fd;
    }

    private ByteBuffer loopback() {
        return memory(SocketAbi.SOCKADDR_IN_SIZE)
                .putShort(0, (short) SocketAbi.AF_INET)
                .put(SocketAbi.SOCKADDR_IN_ADDR, new byte[] {127, 0, 0, 1});
    }

    private int bound(int type, ByteBuffer address) {
        int fd = opened(Native.socket(SocketAbi.AF_INET, type | SocketAbi.SOCK_CLOEXEC, 0));
        assertThat(Native.bind(fd, address(address), address.capacity())).isZero();
        assertThat(Native.getsockname(fd, address(address), length(address.capacity())))
                .isZero();
        return fd;
    }

    private int connected(int type, ByteBuffer address) {
        int fd = opened(Native.socket(SocketAbi.AF_INET, type | SocketAbi.SOCK_CLOEXEC, 0));
        assertThat(Native.connect(fd, address(address), address.capacity())).isZero();
        return fd;
    }

    private int[] pipe() {
        ByteBuffer fds = memory(2 * Integer.BYTES);
        assertThat(Native.pipe2(address(fds), SocketAbi.O_CLOEXEC | SocketAbi.O_NONBLOCK))
                .isZero();
        return new int[] {opened(fds.getInt(0)), opened(fds.getInt(4))};
    }

    /** A message header, and if it is one of several the room for its length. */
    private ByteBuffer message(int size, int bytes) {
        ByteBuffer iovec = memory(SocketAbi.IOVEC_SIZE)
                .putLong(SocketAbi.IOVEC_BASE, address(memory(bytes)))
                .putLong(SocketAbi.IOVEC_LEN, bytes);
        return memory(size).putLong(SocketAbi.MSGHDR_IOV, address(iovec)).putLong(SocketAbi.MSGHDR_IOVLEN, 1);
    }

    @Test
    void everyMethodIsCalledHere() throws IOException {
        String source =
                Files.readString(Path.of("../transport-uring-native/src/test/java/dev/nettyuring/jni/ShimTest.java"));
        for (Method method : Native.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                assertThat(source).contains("Native." + method.getName() + '(');
            }
        }
    }

    @Test
    void connections() {
        ByteBuffer address = loopback();
        int server = bound(SocketAbi.SOCK_STREAM, address);
        assertThat(Native.listen(server, 1)).isZero();
        int fd = connected(SocketAbi.SOCK_STREAM, address);
        ByteBuffer peer = memory(SocketAbi.SOCKADDR_IN_SIZE);
        assertThat(Native.getpeername(fd, address(peer), length(peer.capacity())))
                .isZero();
        assertThat(peer).isEqualTo(address);
        assertThat(Native.sendmsg(fd, address(message(SocketAbi.MSGHDR_SIZE, BYTES)), SocketAbi.MSG_NOSIGNAL))
                .isEqualTo(BYTES);
        assertThat(Native.shutdown(fd, SocketAbi.SHUT_WR)).isZero();
        assertThat(Native.sendmsg(fd, address(message(SocketAbi.MSGHDR_SIZE, BYTES)), SocketAbi.MSG_NOSIGNAL))
                .isEqualTo(-Errno.EPIPE);
    }

    @Test
    void datagrams() {
        ByteBuffer address = loopback();
        int receiver = bound(SocketAbi.SOCK_DGRAM, address);
        int sender = connected(SocketAbi.SOCK_DGRAM, address);
        ByteBuffer messages = memory(2 * SocketAbi.MMSGHDR_SIZE)
                .put(0, message(SocketAbi.MMSGHDR_SIZE, BYTES), 0, SocketAbi.MMSGHDR_SIZE)
                .put(SocketAbi.MMSGHDR_SIZE, message(SocketAbi.MMSGHDR_SIZE, 1), 0, SocketAbi.MMSGHDR_SIZE);
        assertThat(Native.sendmmsg(sender, address(messages), 2, 0)).isEqualTo(2);
        assertThat(messages.getInt(SocketAbi.MSGHDR_SIZE)).isEqualTo(BYTES);
        assertThat(Native.read(receiver, address(memory(BYTES)), BYTES)).isEqualTo(BYTES);
        assertThat(Native.recv(receiver, address(memory(BYTES)), BYTES, SocketAbi.MSG_DONTWAIT))
                .isEqualTo(1);
        assertThat(Native.recv(receiver, address(memory(BYTES)), BYTES, SocketAbi.MSG_DONTWAIT))
                .isEqualTo(-Errno.EAGAIN);
    }

    @Test
    void socketOptions() {
        int fd = opened(Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_STREAM, 0));
        ByteBuffer value = memory(Integer.BYTES).putInt(0, 1);
        int level = SocketAbi.IPPROTO_TCP;
        int name = SocketAbi.TCP_NODELAY;
        assertThat(Native.setsockopt(fd, level, name, address(value), Integer.BYTES))
                .isZero();
        value.putInt(0, 0);
        assertThat(Native.getsockopt(fd, level, name, address(value), length(Integer.BYTES)))
                .isZero();
        assertThat(value.getInt(0)).isEqualTo(1);
        ByteBuffer one = memory(1);
        assertThat(Native.getsockopt(fd, level, name, address(one), length(1))).isZero();
        assertThat(one.get(0)).isEqualTo((byte) 1);
    }

    @Test
    void filesAndPipes() throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[BYTES]);
        try (FileInputStream file = new FileInputStream(path.toFile())) {
            int fd = RegionFields.fd(file.getFD());
            int[] pipe = pipe();
            long offset = address(memory(Long.BYTES).putLong(0, 1));
            assertThat(Native.sendfile(pipe[1], fd, offset, BYTES)).isEqualTo(BYTES - 1);
            assertThat(Native.read(pipe[0], address(memory(BYTES - 1)), BYTES - 1))
                    .isEqualTo(BYTES - 1);
            assertThat(Native.splice(fd, offset, pipe[1], 0, BYTES, 0)).isZero(); // sendfile has moved it to the end
            assertThat(Native.write(pipe[1], address(memory(BYTES)), BYTES)).isEqualTo(BYTES);
            ByteBuffer iovec = memory(SocketAbi.IOVEC_SIZE)
                    .putLong(SocketAbi.IOVEC_BASE, address(memory(BYTES)))
                    .putLong(SocketAbi.IOVEC_LEN, BYTES);
            assertThat(Native.preadv2(fd, address(iovec), 1, 0, 0)).isEqualTo(BYTES);
            long range = address(memory(FileAbi.CACHESTAT_RANGE_SIZE).putLong(FileAbi.CACHESTAT_RANGE_LEN, BYTES));
            assertThat(Native.cachestat(fd, range, address(memory(FileAbi.CACHESTAT_SIZE)), 0))
                    .isIn(0, -Errno.ENOSYS, -Errno.EOPNOTSUPP);
            assertThat(Native.fcntl(pipe[0], SocketAbi.F_GETFL, 0) & SocketAbi.O_NONBLOCK)
                    .isEqualTo(SocketAbi.O_NONBLOCK);
        }
    }

    @Test
    void eventfds() {
        int fd = opened(Native.eventfd(1, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK));
        assertThat(Native.eventfdWrite(fd, 2)).isZero();
        ByteBuffer counter = memory(Long.BYTES);
        assertThat(Native.read(fd, address(counter), Long.BYTES)).isEqualTo(Long.BYTES);
        assertThat(counter.getLong(0)).isEqualTo(3);
        assertThat(Native.eventfdWrite(NO_FD, 2)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void mappings() {
        int flags = SocketAbi.MAP_PRIVATE | SocketAbi.MAP_ANONYMOUS;
        int page = Native.getpagesize();
        long mapped = Native.mmap(page, SocketAbi.PROT_READ | SocketAbi.PROT_WRITE, flags, NO_FD, 0);
        assertThat(mapped).isPositive();
        assertThat(Native.madvise(mapped, page, SocketAbi.MADV_POPULATE_WRITE)).isZero();
        ByteBuffer buffer = Native.newDirectByteBuffer(mapped, page);
        assertThat(buffer.capacity()).isEqualTo(page);
        assertThat(Native.directBufferAddress(buffer)).isEqualTo(mapped);
        assertThat(Native.directBufferAddress(ByteBuffer.allocate(1))).isZero();
        assertThat(Native.munmap(mapped, page)).isZero();
        assertThat(Native.mmap(0, 0, flags, NO_FD, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(Native.mmap(Long.MAX_VALUE, 0, flags, NO_FD, 0)).isEqualTo(-Errno.ENOMEM);
    }

    @Test
    void rings() {
        ByteBuffer params = memory(Abi.PARAMS_SIZE);
        int ring = opened(Native.ioUringSetup(1, address(params)));
        assertThat(params.getInt(Abi.PARAMS_SQ_ENTRIES)).isEqualTo(1);
        assertThat(Native.ioUringEnter(ring, 0, 0, 0, 0, 0)).isZero();
        ByteBuffer workers = memory(2 * Integer.BYTES);
        assertThat(Native.ioUringRegister(ring, Abi.IORING_REGISTER_IOWQ_MAX_WORKERS, address(workers), 2))
                .isZero();
        assertThat(Native.ioUringSetup(0, address(params))).isEqualTo(-Errno.EINVAL);
        assertThat(Native.ioUringEnter(NO_FD, 0, 0, 0, 0, 0)).isEqualTo(-Errno.EBADF);
    }

    private static final class Region {
        private Object object = "object";
        private int number = 42;
        private long position;
    }

    @Test
    void fields() {
        Region region = new Region();
        long object = Native.fieldId(Region.class, "object", "Ljava/lang/Object;");
        assertThat(Native.objectField(region, object)).isSameAs(region.object);
        region.object = null;
        assertThat(Native.objectField(region, object)).isNull();
        assertThat(Native.intField(region, Native.fieldId(Region.class, "number", "I")))
                .isEqualTo(region.number);
        Native.setLongField(region, Native.fieldId(Region.class, "position", "J"), Long.MIN_VALUE);
        assertThat(region.position).isEqualTo(Long.MIN_VALUE);
        assertThatThrownBy(() -> Native.fieldId(Region.class, "number", "J")).isInstanceOf(NoSuchFieldError.class);
        assertThatThrownBy(() -> Native.fieldId(Region.class, "", "")).isInstanceOf(NoSuchFieldError.class);
        assertThat(RegionFields.fd(new FileDescriptor())).isNegative();
    }

    private record Credentials(int pid, int uid, int[] gids) {}

    @Test
    void objects() {
        int[] gids = {3, 4};
        Credentials made = (Credentials) Native.newCredentials(Credentials.class, 1, 2, gids);
        assertThat(made.pid()).isEqualTo(1);
        assertThat(made.uid()).isEqualTo(2);
        assertThat(made.gids()).isSameAs(gids);
        assertThatThrownBy(() -> Native.newCredentials(Object.class, 1, 2, gids))
                .isInstanceOf(NoSuchMethodError.class);
    }

    @Test
    void errors() {
        assertThat(Native.strerror(Errno.ENOENT)).isEqualTo("No such file or directory");
        for (int errno : new int[] {0, Errno.ERESTARTSYS, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(Native.strerror(errno)).isNotEmpty();
        }
        assertThat(Native.socket(NO_FD, 0, 0)).isNegative();
        assertThat(Native.pipe2(0, NO_FD)).isEqualTo(-Errno.EINVAL);
    }
}
