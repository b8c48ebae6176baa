// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringPoll;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(TransportInvariants.class)
class PollTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);

    private final EventLoop loop = Tcp.loops().next();
    private final List<Integer> open = new ArrayList<>();
    private MappedMemory memory;

    @BeforeEach
    void map() throws IOException {
        memory = MappedMemory.anonymous(4096, true);
    }

    @AfterEach
    void close() {
        open.forEach(Native::close);
        memory.close();
    }

    private int eventfd(int value) {
        int fd = Native.eventfd(value, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
        open.add(fd);
        return fd;
    }

    /** The end to read from, and the one to write to. */
    private int[] pipe() {
        assertThat(Native.pipe2(memory.address(), SocketAbi.O_CLOEXEC)).isZero();
        ByteBuffer ends = memory.buffer();
        int[] pipe = {ends.getInt(0), ends.getInt(Integer.BYTES)};
        open.add(pipe[0]);
        return pipe;
    }

    private long read(int fd) {
        return Native.read(fd, memory.address(), Long.BYTES);
    }

    @Test
    void anEdgeIsToldOnceHoweverLongItIsUnread() throws Exception {
        AtomicInteger told = new AtomicInteger();
        int fd = eventfd(0);
        UringPoll poll = UringPoll.register(
                loop, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> told.incrementAndGet());
        Native.eventfdWrite(fd, 1);
        await().atMost(LIMIT).until(() -> told.get() == 1);
        await().during(Duration.ofMillis(100)).atMost(LIMIT).until(() -> told.get() == 1);
        Native.eventfdWrite(fd, 1);
        await().atMost(LIMIT).until(() -> told.get() == 2);
        poll.cancel().sync();
    }

    @Test
    void aLevelIsToldUntilItIsRead() throws Exception {
        AtomicInteger told = new AtomicInteger();
        int fd = eventfd(0);
        UringPoll poll = UringPoll.register(loop, fd, UringPoll.POLLIN, UringPoll.Trigger.LEVEL, (self, events) -> {
            if (told.incrementAndGet() == 10) {
                read(fd);
            }
        });
        Native.eventfdWrite(fd, 1);
        await().atMost(LIMIT).until(() -> told.get() == 10);
        await().during(Duration.ofMillis(100)).atMost(LIMIT).until(() -> told.get() == 10);
        poll.cancel().sync();
    }

    @ParameterizedTest
    @EnumSource(UringPoll.Trigger.class)
    void whatIsReadyAlreadyIsTold(UringPoll.Trigger trigger) throws Exception {
        AtomicInteger events = new AtomicInteger();
        int fd = eventfd(7);
        UringPoll poll = UringPoll.register(loop, fd, UringPoll.POLLIN | UringPoll.POLLOUT, trigger, (self, told) -> {
            events.set(told);
            self.close();
        });
        poll.closeFuture().sync();
        assertThat(events).hasValue(UringPoll.POLLIN | UringPoll.POLLOUT);
        assertThat(poll.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(UringPoll.Trigger.class)
    void theEndOfAPipeIsToldThoughNotAskedFor(UringPoll.Trigger trigger) throws Exception {
        int[] pipe = pipe();
        AtomicInteger events = new AtomicInteger();
        UringPoll poll = UringPoll.register(loop, pipe[0], UringPoll.POLLIN, trigger, (self, told) -> {
            events.set(told);
            self.close();
        });
        Native.close(pipe[1]);
        poll.closeFuture().await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(events.get() & UringPoll.POLLHUP).isNotZero();
    }

    @ParameterizedTest
    @EnumSource(UringPoll.Trigger.class)
    void otherEventsAreToldAfterModifying(UringPoll.Trigger trigger) throws Exception {
        AtomicInteger events = new AtomicInteger();
        int fd = eventfd(0);
        UringPoll poll = UringPoll.register(loop, fd, UringPoll.POLLIN, trigger, (self, told) -> {
            events.set(told);
            self.modify(UringPoll.POLLIN);
        });
        loop.submit(() -> {}).sync();
        assertThat(events).hasValue(0);
        poll.modify(UringPoll.POLLOUT);
        await().atMost(LIMIT).until(() -> events.get() == UringPoll.POLLOUT);
        Native.eventfdWrite(fd, 1);
        await().atMost(LIMIT).until(() -> {
            boolean told = events.get() == UringPoll.POLLIN;
            if (told) {
                read(fd);
            }
            return told;
        });
        assertThat(poll.events()).isEqualTo(UringPoll.POLLIN);
        poll.cancel().sync();
    }

    /** The kernel tells of that unasked, and at once each time. */
    @Test
    void aPeerThatHasHalfClosedDoesNotKeepTheLoopBusy() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int fd = connect(server);
            try (Socket peer = server.accept()) {
                while (Native.write(fd, memory.address(), memory.buffer().capacity()) > 0) {
                    // until there is no room
                }
                peer.shutdownOutput();
                AtomicInteger told = new AtomicInteger();
                UringPoll poll =
                        UringPoll.register(loop, fd, UringPoll.POLLOUT, UringPoll.Trigger.LEVEL, (self, events) -> {
                            told.incrementAndGet();
                        });
                loop.submit(() -> {}).sync();
                long turns = UringMetrics.of(loop).turns();
                Thread.sleep(300);
                assertThat(UringMetrics.of(loop).turns() - turns).as("turns").isLessThan(100);
                assertThat(told).hasValue(0);
                peer.setSoTimeout((int) LIMIT.toMillis());
                while (told.get() < 10) { // there is room by now, and stays
                    peer.getInputStream().skip(Math.max(1, peer.getInputStream().available()));
                    Thread.sleep(1);
                }
                poll.cancel().sync();
            }
        }
    }

    private int connect(ServerSocket server) {
        int fd = Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_STREAM | SocketAbi.SOCK_CLOEXEC, 0);
        open.add(fd);
        ByteBuffer address = memory.buffer().duplicate().order(ByteOrder.nativeOrder());
        address.putShort((short) SocketAbi.AF_INET).order(ByteOrder.BIG_ENDIAN);
        address.putShort((short) server.getLocalPort())
                .put(server.getInetAddress().getAddress())
                .putLong(0);
        assertThat(Native.connect(fd, memory.address(), address.position())).isZero();
        assertThat(Native.fcntl(fd, SocketAbi.F_SETFL, SocketAbi.O_NONBLOCK)).isZero();
        return fd;
    }

    /** A descriptor of a kind that Java cannot make. */
    private int passed(FdPeer peer, String kind, Domain domain, BlockingQueue<FileDescriptor> received)
            throws Exception {
        Process sender = peer.start(kind, domain);
        FileDescriptor descriptor = received.poll(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(descriptor).as("%s of %s", kind, sender).isNotNull();
        open.add(descriptor.intValue());
        return descriptor.intValue();
    }

    @Test
    void aTimerAndAChildsEndAreTold(@TempDir Path folder) throws Exception {
        FdPeer peer = FdPeer.compile(folder);
        BlockingQueue<FileDescriptor> received = new LinkedBlockingQueue<>();
        try (Domain domain = Domain.serve(
                DomainSocketReadMode.FILE_DESCRIPTORS, () -> new SimpleChannelInboundHandler<FileDescriptor>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, FileDescriptor descriptor) {
                        received.add(descriptor);
                    }
                })) {
            int timer = passed(peer, "timer", domain, received);
            AtomicInteger expired = new AtomicInteger();
            UringPoll timerPoll =
                    UringPoll.register(loop, timer, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {
                        assertThat(read(timer)).isEqualTo(Long.BYTES);
                        expired.incrementAndGet();
                    });
            await().atMost(LIMIT).until(() -> expired.get() > 5);
            timerPoll.cancel().sync();
            domain.accepted().close().sync();

            int process = passed(peer, "process", domain, received);
            CountDownLatch ended = new CountDownLatch(1);
            UringPoll processPoll = UringPoll.register(
                    loop, process, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> ended.countDown());
            assertThat(ended.await(200, TimeUnit.MILLISECONDS)).isFalse();
            UringDomainSocketChannel parent = domain.accepted();
            parent.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})).sync();
            assertThat(ended.await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            processPoll.cancel().sync();
            parent.close().sync();
        }
    }

    @Test
    void aBadDescriptorFailsThePollAndSaysSo() throws Exception {
        int fd = 1 << 20;
        UringPoll poll = UringPoll.register(loop, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {});
        assertThat(poll.closeFuture().await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(poll.closeFuture().cause())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("fd " + fd)
                .hasMessageContaining("EBADF");
        assertThat(poll.isOpen()).isFalse();
        poll.modify(UringPoll.POLLOUT).close();
    }

    @Test
    void whatCannotBePolledIsRefused(@TempDir Path folder) throws Exception {
        int fd = eventfd(0);
        UringPoll.Handler handler = (self, events) -> {};
        assertThatThrownBy(() -> UringPoll.register(
                        TransportInvariants.loops().nio().next(),
                        fd,
                        UringPoll.POLLIN,
                        UringPoll.Trigger.EDGE,
                        handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UringIoHandler.newFactory()");
        assertThatThrownBy(() -> UringPoll.register(loop, fd, 0, UringPoll.Trigger.EDGE, handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("events: 0x0");
        assertThatThrownBy(() -> UringPoll.register(loop, fd, 1 << 31, UringPoll.Trigger.EDGE, handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("events: 0x80000000");
        assertThatThrownBy(() -> UringPoll.register(loop, -1, UringPoll.POLLIN, UringPoll.Trigger.EDGE, handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fd");
        try (FileInputStream file = new FileInputStream(
                Files.writeString(folder.resolve("file"), "text").toFile())) {
            int ordinary = descriptorOf(folder.resolve("file"));
            assertThatThrownBy(
                            () -> UringPoll.register(loop, ordinary, UringPoll.POLLIN, UringPoll.Trigger.EDGE, handler))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("always ready");
            assertThat(file.available()).isPositive();
        }
    }

    private static int descriptorOf(Path file) throws IOException {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                if (Files.exists(link) && Files.readSymbolicLink(link).equals(file.toRealPath())) {
                    return Integer.parseInt(link.getFileName().toString());
                }
            }
        }
        throw new AssertionError(file + " is not open");
    }

    @Test
    void eventsSurviveAFullCompletionQueue() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1,
                UringIoHandler.newFactory(UringConfig.builder()
                        .submissionEntries(8)
                        .completionEntries(8)
                        .build()));
        try {
            int count = 100;
            AtomicInteger told = new AtomicInteger();
            List<UringPoll> polls = new ArrayList<>();
            List<Integer> fds = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int fd = eventfd(0);
                fds.add(fd);
                polls.add(UringPoll.register(
                        group.next(), fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {
                            if (read(fd) > 0) {
                                told.incrementAndGet();
                            }
                        }));
            }
            group.next().submit(() -> {}).sync();
            int rounds = 20;
            for (int round = 1; round <= rounds; round++) {
                int expected = round * count;
                // while the loop is busy all of them become ready
                group.next()
                        .submit(() -> fds.forEach(fd -> Native.eventfdWrite(fd, 1)))
                        .sync();
                await().atMost(LIMIT).until(() -> told.get() == expected);
            }
            assertThat(UringMetrics.of(group.next()).completionOverflows()).isPositive();
            for (UringPoll poll : polls) {
                poll.cancel().sync();
            }
        } finally {
            group.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aPollEndsWithItsLoop() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        EventLoop ending = group.next();
        int fd = eventfd(0);
        UringPoll poll = UringPoll.register(ending, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {});
        ending.submit(() -> {}).sync();
        group.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        assertThat(poll.closeFuture().await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(poll.closeFuture().isSuccess()).isTrue();
        assertThat(UringMetrics.of(ending).operationsInFlight()).isZero();

        UringPoll late = UringPoll.register(ending, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {});
        assertThat(late.closeFuture().await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(late.closeFuture().cause()).isNotNull();
        late.close();
    }

    @Test
    void itSharesTheLoopWithChannels() throws Exception {
        int fd = eventfd(0);
        AtomicInteger told = new AtomicInteger();
        Collector collector = new Collector();
        try (Tcp tcp = Tcp.serve(() -> collector);
                Socket client = tcp.connect()) {
            EventLoop shared = tcp.accepted().eventLoop();
            UringPoll poll =
                    UringPoll.register(shared, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {
                        read(fd);
                        told.incrementAndGet();
                    });
            for (int i = 1; i <= 100; i++) {
                int expected = i;
                Native.eventfdWrite(fd, 1);
                client.getOutputStream().write(1);
                await().atMost(LIMIT).until(() -> told.get() == expected && collector.count() == expected);
            }
            poll.cancel().sync();
        }
    }
}
