// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.FileStatus;
import dev.nettyuring.channel.UringFile;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that an event loop reads and writes. */
@ExtendWith(TransportInvariants.class)
class UringFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    private final List<UringFile> files = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (UringFile file : files) {
            done(file.close());
        }
        assertThat(OpenDescriptors.under(folder)).isEmpty();
    }

    private static EventLoop loop() {
        return Tcp.loops().next();
    }

    static <T> Future<T> done(Future<T> future) throws InterruptedException {
        assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return future;
    }

    static <T> T got(Future<T> future) throws InterruptedException {
        return done(future).sync().getNow();
    }

    private UringFile open(Path path, OpenOption... options) throws InterruptedException {
        UringFile file = got(UringFile.open(loop(), path, options));
        files.add(file);
        return file;
    }

    private UringFile create(String name) throws InterruptedException {
        return open(folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static Throwable failure(Future<?> future) throws InterruptedException {
        return done(future).cause();
    }

    private static void assertReads(UringFile file, long position, byte[] expected) throws InterruptedException {
        ByteBuf buffer = Unpooled.directBuffer(expected.length, expected.length);
        assertThat(got(file.read(buffer, position))).isSameAs(buffer);
        assertThat(ByteBufUtil.getBytes(buffer)).isEqualTo(expected);
        assertThat(buffer.release()).isTrue();
    }

    private static ByteBuf buffer(byte... bytes) {
        return Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }

    @Test
    void whatIsWrittenIsReadWhereItWasWritten() throws Exception {
        byte[] bytes = random(1_000_003);
        List<ByteBufAllocator> allocators = List.of(
                PooledByteBufAllocator.DEFAULT,
                UringByteBufAllocator.DEFAULT,
                Unpooled.wrappedBuffer(bytes).alloc());
        for (ByteBufAllocator allocator : allocators) {
            UringFile file = create("file" + allocators.indexOf(allocator));
            ByteBuf source = allocator.directBuffer(bytes.length).writeBytes(bytes);
            assertThat(got(file.write(source, 17))).isSameAs(source);
            assertThat(source.isReadable()).isFalse();
            assertThat(source.release()).isTrue();
            ByteBuf target = allocator.directBuffer(100_001, 100_001).writeByte(9);
            got(file.read(target, 17 + 500_000));
            assertThat(target.writerIndex()).isEqualTo(100_001);
            assertThat(target.readByte()).isEqualTo((byte) 9);
            assertThat(ByteBufUtil.getBytes(target)).isEqualTo(Arrays.copyOfRange(bytes, 500_000, 600_000));
            target.release();
            assertThat(Files.size(file.path())).isEqualTo(17 + bytes.length);
        }
    }

    @Test
    void atTheEndThereIsLessAndBehindItNothing() throws Exception {
        UringFile file = open(Files.write(folder.resolve("short"), new byte[] {1, 2, 3}));
        ByteBuf buffer = Unpooled.directBuffer(10, 10);
        assertThat(ByteBufUtil.getBytes(got(file.read(buffer, 1)))).containsExactly(2, 3);
        for (long position : new long[] {3, 100, 5 * GIB}) {
            assertThat(got(file.read(buffer.clear(), position)).isReadable()).isFalse();
        }
        buffer.release();
    }

    @Test
    void positionsGoBeyondFourGib() throws Exception {
        UringFile file = create("sparse");
        for (long position : new long[] {5 * GIB, 4 * GIB - 2, 1}) {
            ByteBuf bytes = buffer((byte) 1, (byte) 2, (byte) 3, (byte) (position % 100));
            got(file.write(bytes, position));
            bytes.release();
            assertReads(file, position, new byte[] {1, 2, 3, (byte) (position % 100)});
        }
        assertThat(got(file.stat()).size()).isEqualTo(5 * GIB + 4);
        assertReads(file, 5 * GIB - 2, new byte[] {0, 0, 1, 2});
    }

    @Test
    void filesThatCannotBeOpenedFailAsTheJdkHasIt() throws Exception {
        Path here = Files.createFile(folder.resolve("here"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), here);
        Path forbidden = Path.of("/proc/sys/kernel/ostype");
        assertThat(failure(UringFile.open(loop(), folder.resolve("nowhere"))))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("nowhere").toString());
        assertThat(failure(UringFile.open(loop(), here, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(failure(UringFile.open(loop(), forbidden, StandardOpenOption.WRITE)))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(failure(UringFile.open(loop(), link, LinkOption.NOFOLLOW_LINKS)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("ELOOP");
        assertThat(failure(UringFile.open(loop(), folder, StandardOpenOption.WRITE)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("EISDIR");
        assertThat(failure(UringFile.open(loop(), Path.of("x".repeat(20_000)))))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("ENAMETOOLONG");
    }

    @Test
    void optionsMeanWhatTheyMeanForFileChannels() throws Exception {
        Path path = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
        UringFile appended = open(path, StandardOpenOption.APPEND);
        ByteBuf four = buffer((byte) 4);
        got(appended.write(four, 0));
        assertThat(Files.readAllBytes(path)).containsExactly(1, 2, 3, 4);
        open(path, StandardOpenOption.TRUNCATE_EXISTING); // ignored, since it is not to be written
        assertThat(Files.size(path)).isEqualTo(4);
        UringFile truncated = open(path, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(Files.size(path)).isZero();
        open(path, StandardOpenOption.WRITE, StandardOpenOption.SYNC, StandardOpenOption.SPARSE);
        assertThatThrownBy(() -> truncated.read(four, 0)).isInstanceOf(NonReadableChannelException.class);
        UringFile readable = open(path);
        assertThatThrownBy(() -> readable.write(four, 0)).isInstanceOf(NonWritableChannelException.class);
        assertThatThrownBy(() -> readable.truncate(0)).isInstanceOf(NonWritableChannelException.class);
        assertThatThrownBy(() ->
                        UringFile.open(loop(), path, StandardOpenOption.APPEND, StandardOpenOption.TRUNCATE_EXISTING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("APPEND");
        assertThatThrownBy(() -> UringFile.open(loop(), path, StandardOpenOption.DELETE_ON_CLOSE))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("DELETE_ON_CLOSE");
        assertThatThrownBy(
                        () -> UringFile.open(TransportInvariants.loops().nio().next(), path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("io_uring");
        four.release();
    }

    @Test
    void buffersThatTheKernelCannotUseAreRefused() throws Exception {
        UringFile file = create("file");
        ByteBuf heap = Unpooled.buffer(10).writeByte(1);
        ByteBuf full = buffer((byte) 1);
        assertThatThrownBy(() -> file.read(heap, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("direct");
        assertThatThrownBy(() -> file.write(heap, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> file.read(full.capacity(1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("room to write");
        assertThatThrownBy(() -> file.write(full, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position");
        assertThat(full.refCnt()).isEqualTo(1);
        full.release();
    }

    @Test
    void statTellsAndTruncateSetsTheSize() throws Exception {
        UringFile file = create("file");
        ByteBuf bytes = buffer(new byte[1000]);
        got(file.write(bytes, 0));
        bytes.release();
        FileStatus status = got(file.stat());
        assertThat(status.size()).isEqualTo(1000);
        assertThat(status.isRegularFile()).isTrue();
        assertThat(status.permissions() & 0600).isEqualTo(0600);
        assertThat(status.lastModified())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        got(file.sync());
        got(file.dataSync());
        Future<Void> truncated = done(file.truncate(6 * GIB));
        Assumptions.assumeTrue(truncated.isSuccess(), () -> "no FTRUNCATE before 6.9: " + truncated.cause());
        assertThat(got(file.stat()).size()).isEqualTo(6 * GIB);
        got(file.truncate(3));
        assertThat(Files.readAllBytes(file.path())).hasSize(3);
    }

    @Test
    void aClosedFileDoesNothingMore() throws Exception {
        UringFile file = create("file");
        Future<Void> closed = file.close();
        assertThat(closed.cancel(true)).isFalse();
        got(closed);
        assertThat(file.close()).isSameAs(closed);
        assertThat(file.isOpen()).isFalse();
        assertThat(OpenDescriptors.under(folder)).isEmpty();
        ByteBuf buffer = Unpooled.directBuffer(10).writeByte(1);
        for (Future<?> future :
                List.of(file.write(buffer, 0), file.read(buffer, 0), file.sync(), file.stat(), file.truncate(1))) {
            assertThat(failure(future)).isInstanceOf(ClosedChannelException.class);
        }
        assertThat(buffer.refCnt()).isEqualTo(1);
        buffer.release();
    }

    @Test
    void manyOperationsOfManyThreadsAreAllDone() throws Exception {
        UringFile file = create("file");
        byte[] bytes = random(4 << 20);
        int piece = 4 << 10;
        List<Background> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            int first = writer;
            writers.add(Background.run(() -> {
                List<Future<ByteBuf>> writes = new ArrayList<>();
                for (int at = first * piece; at < bytes.length; at += 4 * piece) {
                    ByteBuf buffer = UringByteBufAllocator.DEFAULT.directBuffer(piece);
                    writes.add(file.write(buffer.writeBytes(bytes, at, piece), at));
                    buffer.release(); // takes effect afterwards
                }
                for (Future<ByteBuf> write : writes) {
                    got(write);
                }
            }));
        }
        for (Background writer : writers) {
            writer.join();
        }
        assertThat(Files.readAllBytes(file.path())).isEqualTo(bytes);
        ByteBuf whole = Unpooled.directBuffer(bytes.length);
        List<Future<ByteBuf>> reads = new ArrayList<>();
        loop().submit(() -> {
                    for (int at = 0; at < bytes.length; at += piece) {
                        ByteBuf slice = whole.slice(at, piece).setIndex(0, 0);
                        reads.add(file.read(slice, at));
                    }
                })
                .sync();
        for (Future<ByteBuf> read : reads) {
            got(read);
        }
        assertThat(ByteBufUtil.getBytes(whole, 0, bytes.length)).isEqualTo(bytes);
        whole.release();
    }

    /** A pipe that is open, but nobody has written to. */
    private UringFile openPipe(RandomAccessFile[] writer) throws Exception {
        Path fifo = folder.resolve("fifo" + files.size());
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        writer[0] = new RandomAccessFile(fifo.toFile(), "rw");
        return open(fifo, StandardOpenOption.READ);
    }

    @Test
    void cancellingAReadThatWaitsGivesTheBufferBack() throws Exception {
        RandomAccessFile[] writer = new RandomAccessFile[1];
        UringFile pipe = openPipe(writer);
        ByteBuf buffer = Unpooled.directBuffer(100, 100);
        Future<ByteBuf> read = pipe.read(buffer, 0);
        assertThat(read.cancel(true)).isTrue();
        assertThat(done(read).isCancelled()).isTrue();
        assertThat(buffer.refCnt()).isEqualTo(1);
        Future<ByteBuf> next = pipe.read(buffer, 0);
        writer[0].write(new byte[] {1, 2});
        assertThat(ByteBufUtil.getBytes(got(next))).containsExactly(1, 2);
        assertThat(next.cancel(true)).isFalse();
        buffer.release();
        writer[0].close();
    }

    @Test
    void closingEndsAReadThatWaits() throws Exception {
        RandomAccessFile[] writer = new RandomAccessFile[1];
        UringFile pipe = openPipe(writer);
        ByteBuf buffer = Unpooled.directBuffer(100, 100);
        ByteBuf released = Unpooled.directBuffer(100, 100);
        Future<ByteBuf> read = pipe.read(buffer, 0);
        Future<ByteBuf> other = pipe.read(released, 0);
        released.release();
        assertThat(released.refCnt()).as("it is the kernel's").isEqualTo(1);
        got(pipe.close());
        assertThat(failure(read)).isInstanceOf(ClosedChannelException.class);
        assertThat(failure(other)).isInstanceOf(ClosedChannelException.class);
        assertThat(released.refCnt()).isZero();
        assertThat(buffer.release()).isTrue();
        writer[0].close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void cancellingWhileBytesArriveLosesNone(int seed) throws Exception {
        RandomAccessFile[] writer = new RandomAccessFile[1];
        UringFile pipe = openPipe(writer);
        ByteBuf buffer = Unpooled.directBuffer(10, 10);
        int expected = 0;
        for (int i = 0; i < 100; i++) {
            Future<ByteBuf> read = pipe.read(buffer.clear(), 0);
            writer[0].write(i);
            if ((i + seed) % 4 == 0) {
                TimeUnit.MICROSECONDS.sleep(i);
            }
            read.cancel(true);
            done(read);
            assertThat(read.isCancelled()).isEqualTo(!buffer.isReadable());
            while (buffer.isReadable()) {
                assertThat(buffer.readByte()).isEqualTo((byte) expected++);
            }
        }
        while (expected < 100) {
            got(pipe.read(buffer.clear(), 0));
            while (buffer.isReadable()) {
                assertThat(buffer.readByte()).isEqualTo((byte) expected++);
            }
        }
        buffer.release();
        writer[0].close();
    }

    @Test
    void whatTheDiskRefusesNamesFileCallAndError() throws Exception {
        UringFile file = open(Path.of("/dev/full"), StandardOpenOption.WRITE);
        ByteBuf byteBuf = buffer((byte) 1);
        assertThat(failure(file.write(byteBuf, 0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/dev/full")
                .hasMessageContaining("write")
                .hasMessageContaining("ENOSPC");
        assertThat(byteBuf.readableBytes()).isEqualTo(1);
        byteBuf.release();
        await().atMost(LIMIT).until(() -> byteBuf.refCnt() == 0);
    }
}
