// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.nio.file.ExtendedOpenOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are sent as regions: every byte, its progress, and what becomes of files that are not what they should be. */
@ExtendWith(TransportInvariants.class)
class FileRegionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final byte[] BYTES = random(3_000_001);
    /** The kernel grants up to twice net.core.wmem_max, and rmem_max, of it. */
    private static final int MUCH_ROOM = 16 << 20;
    /** A share for what completed, one for a task's flush, and what was begun before. */
    private static final long MOST_A_TURN = 3 << 20;

    @TempDir
    static Path folder;

    private static Path file;

    private Tcp tcp;
    private Socket client;
    private SocketChannel channel;

    @BeforeAll
    static void writeFile() throws Exception {
        file = Files.write(folder.resolve("file"), BYTES);
    }

    @AfterAll
    static void nothingIsOpen() {
        await("files to be closed").atMost(LIMIT).untilAsserted(() -> assertThat(OpenDescriptors.under(folder))
                .isEmpty());
    }

    @BeforeEach
    void connect() throws Exception {
        tcp = Tcp.serve(
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.SO_SNDBUF, 64 << 10),
                ChannelInboundHandlerAdapter::new);
        client = tcp.connect();
        channel = (SocketChannel) tcp.accepted();
    }

    @AfterEach
    void close() throws Exception {
        if (channel.isOpen()) {
            channel.close().sync();
        }
        client.close();
        tcp.close();
    }

    private byte[] receive(int count) throws IOException {
        byte[] received = new byte[count];
        new DataInputStream(client.getInputStream()).readFully(received);
        return received;
    }

    private static ChannelFuture done(ChannelFuture future) throws InterruptedException {
        assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return future;
    }

    private static byte[] part(int from, int count) {
        return Arrays.copyOfRange(BYTES, from, from + count);
    }

    private static DefaultFileRegion region(long from, long count) {
        return new DefaultFileRegion(file.toFile(), from, count);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1",
        "0,4096",
        "1,4095",
        "4095,8193",
        "7,262144",
        "0,262145",
        "262143,524290",
        "0,3000001",
        "3000000,1"
    })
    void everyByteOfTheRegionIsSentAndTold(int from, int count) throws Exception {
        DefaultFileRegion region = region(from, count);
        List<Long> progress = Collections.synchronizedList(new ArrayList<>());
        List<Long> transferred = Collections.synchronizedList(new ArrayList<>());
        ChannelProgressivePromise promise = channel.newProgressivePromise();
        promise.addListener(new ChannelProgressiveFutureListener() {
            @Override
            public void operationProgressed(ChannelProgressiveFuture future, long sent, long total) {
                assertThat(total).isEqualTo(count);
                progress.add(sent);
                transferred.add(region.transferred());
            }

            @Override
            public void operationComplete(ChannelProgressiveFuture future) {}
        });
        channel.writeAndFlush(region, promise);
        assertThat(receive(count)).isEqualTo(part(from, count));
        assertThat(done(promise).cause()).isNull();
        assertThat(region.transferred()).isEqualTo(count);
        assertThat(region.refCnt()).isZero();
        assertThat(progress).isSorted().doesNotHaveDuplicates().endsWith((long) count);
        assertThat(transferred).isEqualTo(progress);
    }

    @Test
    void regionsBuffersAndOpenChannelsKeepTheirOrder() throws Exception {
        FileChannel shared = FileChannel.open(file, StandardOpenOption.READ);
        int rounds = 40;
        channel.eventLoop().execute(() -> {
            for (int i = 0; i < rounds; i++) {
                channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 10 + i));
                channel.write(new DefaultFileRegion(shared, i, 3_000L * i).retain());
                channel.write(region(i, 30_000));
            }
            channel.flush();
        });
        for (int i = 0; i < rounds; i++) {
            assertThat(receive(10 + i)).isEqualTo(part(0, 10 + i));
            assertThat(receive(3_000 * i)).isEqualTo(part(i, 3_000 * i));
            assertThat(receive(30_000)).isEqualTo(part(i, 30_000));
        }
        assertThat(shared.position()).as("position of the user's channel").isZero();
        shared.close();
    }

    @Test
    void anEmptyRegionIsWrittenWithoutItsFile() throws Exception {
        FileRegion region = new DefaultFileRegion(folder.resolve("nowhere").toFile(), 5, 0);
        assertThat(done(channel.writeAndFlush(region)).cause()).isNull();
        assertThat(region.refCnt()).isZero();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aMissingFileFailsTheWrite() throws Exception {
        FileRegion region = new DefaultFileRegion(folder.resolve("nowhere").toFile(), 0, 5);
        assertThat(done(channel.writeAndFlush(region)).cause()).isInstanceOf(FileNotFoundException.class);
        await().atMost(LIMIT).until(() -> !channel.isOpen());
    }

    @ParameterizedTest
    @CsvSource({"2999000,1001,1002", "3000001,0,1", "5000000,0,10"})
    void aRegionPastTheEndOfItsFileFailsAfterWhatThereIs(int from, int there, int count) throws Exception {
        ChannelFuture written = channel.writeAndFlush(region(from, count));
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(there == 0 ? new byte[0] : part(from, there));
        assertThat(done(written).cause())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Underlying file size 3000001 smaller then requested count " + count);
        await().atMost(LIMIT).until(() -> !channel.isOpen());
    }

    @Test
    void aFileThatIsTruncatedWhileItIsSentFailsTheWrite() throws Exception {
        Path shrinking = Files.write(folder.resolve("shrinking"), new byte[50_000_000]);
        FileRegion region = new DefaultFileRegion(shrinking.toFile(), 0, 50_000_000);
        ChannelFuture written = channel.writeAndFlush(region);
        receive(100_000);
        try (RandomAccessFile access = new RandomAccessFile(shrinking.toFile(), "rw")) {
            access.setLength(200_000);
        }
        long received = client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        assertThat(done(written).cause()).isInstanceOf(IOException.class).hasMessageContaining("Underlying file size");
        assertThat(received + 100_000).isEqualTo(region.transferred()).isLessThan(50_000_000);
        assertThat(region.refCnt()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0,100000", "1,4096", "4097,262144", "511,300000", "513,2000000", "3000000,1"})
    void aFileThatWasOpenedForDirectAccessIsSent(int from, int count) throws Exception {
        FileChannel direct;
        try {
            direct = FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            assumeTrue(false, "the file system has no O_DIRECT: " + e);
            return;
        }
        DefaultFileRegion region = new DefaultFileRegion(direct, from, count);
        ChannelFuture written = channel.writeAndFlush(region);
        assertThat(receive(count)).isEqualTo(part(from, count));
        assertThat(done(written).cause()).isNull();
        assertThat(region.transferred()).isEqualTo(count);
    }

    /** Counts on being asked, as regions that throttle or decrypt do. */
    private static final class AskedRegion extends DefaultFileRegion {
        private int asked;

        AskedRegion(int from, int count) {
            super(file.toFile(), from, count);
        }

        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            asked++;
            return super.transferTo(target, position);
        }
    }

    @Test
    void aRegionThatTransfersItselfIsAsked() throws Exception {
        AskedRegion region = new AskedRegion(10, 700_000);
        ChannelFuture written = channel.writeAndFlush(region);
        assertThat(receive(700_000)).isEqualTo(part(10, 700_000));
        done(written).sync();
        assertThat(region.asked).isPositive();
        assertThat(region.transferred()).isEqualTo(700_000);
    }

    @Test
    void aFileChannelThatIsNotTheJdksOwnIsAsked() throws Exception {
        try (FileChannel wrapped = new WrappedFileChannel(FileChannel.open(file, StandardOpenOption.READ))) {
            DefaultFileRegion region = new DefaultFileRegion(wrapped, 10, 700_000);
            ChannelFuture written = channel.writeAndFlush(region);
            assertThat(receive(700_000)).isEqualTo(part(10, 700_000));
            done(written).sync();
            assertThat(region.transferred()).isEqualTo(700_000);
        }
    }

    @Test
    void aClosedFileChannelFailsTheWrite() throws Exception {
        FileChannel closed = FileChannel.open(file, StandardOpenOption.READ);
        closed.close();
        ChannelFuture written = channel.writeAndFlush(new DefaultFileRegion(closed, 0, 10));
        assertThat(done(written).cause()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aWriteOnlyFileFailsTheWrite() throws Exception {
        Path output = folder.resolve("output");
        FileChannel writeOnly = FileChannel.open(output, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        ChannelFuture written = channel.writeAndFlush(new DefaultFileRegion(writeOnly, 0, 10));
        assertThat(done(written).cause()).isInstanceOf(IOException.class).hasMessageContaining("EBADF");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingEndsARegionThatItsPeerDoesNotTake(boolean byPeer) throws Exception {
        DefaultFileRegion region = region(0, BYTES.length);
        List<DefaultFileRegion> regions = new ArrayList<>(List.of(region));
        ChannelFuture written = channel.writeAndFlush(region);
        for (int i = 0; i < 10; i++) {
            regions.add(region(0, BYTES.length));
            channel.writeAndFlush(regions.get(i + 1));
        }
        receive(100);
        assertThat(channel.isOpen()).isTrue();
        if (byPeer) {
            client.setSoLinger(true, 0);
            client.close();
        } else {
            channel.close().sync();
        }
        await().atMost(LIMIT).until(() -> !channel.isOpen());
        done(written);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(regions).allMatch(each -> each.refCnt() == 0));
    }

    @Test
    void whatFitsInTheSocketGoesBeforeClose() throws Exception {
        channel.eventLoop().execute(() -> {
            channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 100));
            channel.writeAndFlush(region(100, 20_000));
            channel.close();
        });
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(part(0, 20_100));
    }

    @ParameterizedTest
    @ValueSource(ints = {10_000, 100_000, 3_000_001})
    void aListenerOfWhatIsBeforeARegionMayClose(int count) throws Exception {
        FileRegion region = region(0, count);
        ChannelFuture written = channel.eventLoop()
                .submit(() -> {
                    channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 10))
                            .addListener(ChannelFutureListener.CLOSE);
                    return channel.writeAndFlush(region);
                })
                .get();
        byte[] received = client.getInputStream().readAllBytes();
        assertThat(received).hasSizeBetween(10, 10 + count).startsWith(part(0, 10));
        done(written);
        assertThat(region.refCnt()).isZero();
    }

    @Test
    void whatIsBeforeARegionThatCannotBeOpenedIsSent() throws Exception {
        channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 10));
        FileRegion region = new DefaultFileRegion(folder.resolve("nowhere").toFile(), 0, 1_000_000);
        ChannelFuture written = channel.writeAndFlush(region);
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(part(0, 10));
        assertThat(done(written).cause()).isInstanceOf(FileNotFoundException.class);
    }

    @Test
    void manyLargeRegionsOfOneFlushKeepTheirOrder() throws Exception {
        int rounds = 40;
        channel.eventLoop().execute(() -> {
            for (int i = 0; i < rounds; i++) {
                channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 10 + i));
                channel.write(region(i, 20_000 * (i + 1)));
            }
            channel.flush();
        });
        for (int i = 0; i < rounds; i++) {
            assertThat(receive(10 + i)).isEqualTo(part(0, 10 + i));
            assertThat(receive(20_000 * (i + 1))).isEqualTo(part(i, 20_000 * (i + 1)));
        }
    }

    /** As with Netty's other transports, whose flush sends at once what the socket takes. */
    @Test
    void whatFitsInTheSocketOfALargeFileGoesBeforeClose() throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        channel.eventLoop().execute(() -> {
            channel.writeAndFlush(region(0, BYTES.length));
            channel.close();
        });
        byte[] received = client.getInputStream().readAllBytes();
        assertThat(received.length).isPositive();
        assertThat(received).isEqualTo(part(0, received.length));
    }

    /** Each is less than a share, and the socket takes many of them at once. */
    @Test
    void manyCachedRegionsOfOneFlushLeaveOthersTheirTurns() throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        int count = 64;
        int bytes = 512 << 10;
        Queue<Long> turns = new ConcurrentLinkedQueue<>();
        ServerBootstrap roomy =
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.SO_SNDBUF, MUCH_ROOM);
        try (Tcp tcp = Tcp.serve(roomy, ChannelInboundHandlerAdapter::new);
                Socket reader = new Socket()) {
            reader.setReceiveBufferSize(MUCH_ROOM);
            reader.setSoTimeout((int) LIMIT.toMillis());
            reader.connect(tcp.address(), (int) LIMIT.toMillis());
            Channel sender = tcp.accepted();
            UringMetrics metrics = UringMetrics.of(sender.eventLoop());
            sender.eventLoop().execute(() -> {
                for (int i = 0; i < count; i++) {
                    sender.write(region(i, bytes)).addListener(sent -> turns.add(metrics.turns()));
                }
                sender.flush();
            });
            new DataInputStream(reader.getInputStream()).readFully(new byte[count * bytes]);
            await().atMost(LIMIT).until(() -> turns.size() == count);
            sender.close().sync();
        }
        Map<Long, Long> regionsByTurn =
                turns.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        long most = Collections.max(regionsByTurn.values());
        assertThat(most * bytes).as("bytes in one turn").isLessThanOrEqualTo(MOST_A_TURN);
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 3_000_001})
    void offsetsMayBeLarge(int count) throws Exception {
        long from = (4L << 30) + 1;
        Path sparse = folder.resolve("sparse");
        try (RandomAccessFile access = new RandomAccessFile(sparse.toFile(), "rw")) {
            access.seek(from);
            access.write(BYTES);
        }
        DefaultFileRegion region = new DefaultFileRegion(sparse.toFile(), from, count);
        channel.write(Unpooled.directBuffer().writeBytes(BYTES, 0, 10));
        ChannelFuture written = channel.writeAndFlush(region);
        assertThat(receive(10)).isEqualTo(part(0, 10));
        assertThat(receive(count)).isEqualTo(part(0, count));
        done(written).sync();
        assertThat(region.transferred()).isEqualTo(count);
    }

    @Test
    void shuttingDownOutputEndsARegion() throws Exception {
        List<DefaultFileRegion> regions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            regions.add(region(0, BYTES.length));
            channel.writeAndFlush(regions.get(i));
        }
        channel.shutdownOutput().sync();
        assertThat(channel.isOpen()).isTrue();
        client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        await().atMost(LIMIT).untilAsserted(() -> assertThat(regions).allMatch(each -> each.refCnt() == 0));
    }

    @Test
    void aRegionGoesOnOnAnotherLoop() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(2, UringIoHandler.newFactory());
        try {
            Channel channel = this.channel;
            ChannelFuture written = channel.writeAndFlush(region(0, BYTES.length));
            byte[] received = new byte[BYTES.length];
            DataInputStream in = new DataInputStream(client.getInputStream());
            int step = BYTES.length / 20;
            for (int at = 0; at < received.length; at += step) {
                in.readFully(received, at, Math.min(step, received.length - at));
                channel.deregister().sync();
                other.register(channel).sync();
            }
            assertThat(received).isEqualTo(BYTES);
            done(written).sync();
            channel.close().sync();
        } finally {
            other.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    /** Reading from a pipe takes until somebody writes to it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadThatWaitsEndsWithItsChannel(boolean bytesCome) throws Exception {
        Path fifo = folder.resolve("fifo" + bytesCome);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        try (RandomAccessFile writer = new RandomAccessFile(fifo.toFile(), "rw")) {
            DefaultFileRegion region = new DefaultFileRegion(FileChannel.open(fifo, StandardOpenOption.READ), 0, 5);
            ChannelFuture written = channel.writeAndFlush(region);
            channel.writeAndFlush(Unpooled.directBuffer().writeBytes(BYTES, 0, 10));
            channel.eventLoop().submit(() -> {}).sync(); // the loop does not wait
            if (bytesCome) {
                writer.write(BYTES, 100, 5);
                assertThat(receive(5)).isEqualTo(part(100, 5));
                assertThat(receive(10)).isEqualTo(part(0, 10));
            } else {
                channel.close().sync();
                assertThat(done(written).cause()).isInstanceOf(ClosedChannelException.class);
            }
            await().atMost(LIMIT).until(() -> region.refCnt() == 0);
        }
    }
}
