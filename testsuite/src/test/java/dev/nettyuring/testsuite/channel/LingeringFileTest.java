// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * With SO_LINGER close(2) may take long, but as soon as it is called the descriptor's number is free, and may be another's.
 * A file that still waits for its turn then has nowhere to go.
 */
@ExtendWith(TransportInvariants.class)
class LingeringFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);
    /** Longer than all else takes; it is over when the peer has read everything. */
    private static final int LINGER_SECONDS = 60;

    private static final int CHUNKS_A_LOOP = 32;
    /** More than is copied, less than is spliced. */
    private static final byte[] BYTES = random(200 << 10);

    private static final int ROOM_TO_SEND = 1 << 20;
    private static final int ROOM_TO_RECEIVE = 32 << 10;
    /** More than there is room for at the peer, less than there is in the socket. */
    private static final byte[] UNREAD = random(150_000);

    private static final byte MARK = 42;
    private static final int NONE = -1;

    @TempDir
    private Path folder;

    private Path file;
    private EventLoopGroup group;
    private Tcp tcp;
    private final List<Connection> connections = new ArrayList<>();
    private volatile int duplicate = NONE;

    private final List<ChannelFuture> sent = new ArrayList<>();
    private ChannelFuture unsent;
    private volatile ChannelFuture closed;

    private record Connection(Socket client, UringSocketChannel channel) {}

    @BeforeEach
    void serve() throws Exception {
        file = Files.write(folder.resolve("file"), BYTES);
        IoHandlerFactory oblivious = OlderKernel.without(UringConfig.DEFAULT, EnumSet.of(Feature.CACHESTAT));
        group = new MultiThreadIoEventLoopGroup(1, oblivious);
        tcp = Tcp.serve(
                new ServerBootstrap().group(group).childOption(ChannelOption.SO_SNDBUF, ROOM_TO_SEND),
                ChannelInboundHandlerAdapter::new);
    }

    @AfterEach
    void close() throws Exception {
        if (duplicate >= 0) {
            Native.close(duplicate);
        }
        for (Connection connection : connections) {
            connection.client().close();
        }
        tcp.close();
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    }

    private Connection accepted(Socket client) throws Exception {
        Connection connection = new Connection(client, (UringSocketChannel) tcp.accepted());
        connections.add(connection);
        return connection;
    }

    /** Its peer has not read all that was sent, and closing is to wait for that. */
    private Connection lingering() throws Exception {
        Socket client = new Socket();
        client.setReceiveBufferSize(ROOM_TO_RECEIVE);
        client.setSoTimeout((int) LIMIT.toMillis());
        client.connect(tcp.address(), (int) LIMIT.toMillis());
        Connection connection = accepted(client);
        connection.channel().config().setSoLinger(LINGER_SECONDS);
        assertSucceeds(connection.channel().writeAndFlush(Unpooled.wrappedBuffer(UNREAD)));
        return connection;
    }

    private FileRegion region() {
        return new DefaultFileRegion(file.toFile(), 0, BYTES.length);
    }

    private static ChannelFuture done(ChannelFuture future) throws InterruptedException {
        assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return future;
    }

    private static void assertSucceeds(ChannelFuture future) throws InterruptedException {
        assertThat(done(future).cause()).isNull();
    }

    private static byte[] receiveAll(Connection connection) throws Exception {
        return connection.client().getInputStream().readAllBytes();
    }

    private static boolean isFree(int number) {
        return Native.fcntl(number, SocketAbi.F_GETFL, 0) < 0;
    }

    /** In one task of the loop, so that no chunk becomes free before the number is the stranger's. */
    private void closeInLine(List<Connection> others, Connection lingering, FileRegion region, Connection stranger)
            throws Exception {
        int number = lingering.channel().fd().intValue();
        duplicate = group.next()
                .submit(() -> {
                    for (Connection other : others) {
                        sent.add(other.channel().writeAndFlush(region()));
                    }
                    unsent = lingering.channel().writeAndFlush(region);
                    closed = lingering.channel().close();
                    await().pollInSameThread().atMost(LIMIT).until(() -> isFree(number));
                    return Native.fcntl(stranger.channel().fd().intValue(), SocketAbi.F_DUPFD_CLOEXEC, number);
                })
                .get(2 * Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(duplicate).as("the number of the descriptor").isEqualTo(number);
    }

    @Test
    void aFileInLineForMemoryIsNotSentToWhoeverHasTheDescriptorsNumberNext() throws Exception {
        assumeTrue(CachedFiles.canBeRead(file), "the file system does not say what can be read at once");
        Connection lingering = lingering();
        Connection stranger = accepted(tcp.connect());
        List<Connection> others = new ArrayList<>();
        for (int i = 0; i < CHUNKS_A_LOOP; i++) {
            others.add(accepted(tcp.connect()));
        }
        FileRegion region = region();
        closeInLine(others, lingering, region, stranger);
        for (Connection other : others) {
            assertThat(other.client().getInputStream().readNBytes(BYTES.length)).isEqualTo(BYTES);
        }
        for (ChannelFuture each : sent) {
            assertSucceeds(each);
        }
        // behind all that was submitted when the others' chunks became free
        assertSucceeds(stranger.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[] {MARK})));
        assertSucceeds(stranger.channel().shutdownOutput());
        assertThat(receiveAll(stranger)).containsExactly(MARK);

        assertThat(closed.isDone()).as("close(2) has returned").isFalse();
        assertThat(receiveAll(lingering)).isEqualTo(UNREAD);
        assertSucceeds(closed);
        assertThat(done(unsent).cause()).isInstanceOf(ClosedChannelException.class);
        await().atMost(LIMIT).until(() -> region.refCnt() == 0);
    }

    /** Writes some bytes to be sent, and then what it was made for happens. */
    private static final class TreacherousRegion extends DefaultFileRegion {
        private final Runnable then;

        TreacherousRegion(Path file, Runnable then) {
            super(file.toFile(), 0, BYTES.length);
            this.then = then;
        }

        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            int written = target.write(ByteBuffer.wrap(BYTES, 0, 100));
            then.run();
            return written;
        }
    }

    @Test
    void aRegionThatClosesItsOwnChannelIsNotSentToWhoeverHasTheDescriptorsNumberNext() throws Exception {
        Connection lingering = lingering();
        Connection stranger = accepted(tcp.connect());
        int number = lingering.channel().fd().intValue();
        Runnable closing = () -> {
            closed = lingering.channel().close();
            await().pollInSameThread().atMost(LIMIT).until(() -> isFree(number));
            duplicate = Native.fcntl(stranger.channel().fd().intValue(), SocketAbi.F_DUPFD_CLOEXEC, number);
        };
        unsent = lingering.channel().writeAndFlush(new TreacherousRegion(file, closing));
        await().atMost(LIMIT).until(() -> closed != null && duplicate == number);
        group.next().submit(() -> {}).sync();
        assertSucceeds(stranger.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[] {MARK})));
        assertSucceeds(stranger.channel().shutdownOutput());
        assertThat(receiveAll(stranger)).containsExactly(MARK);

        assertThat(receiveAll(lingering)).isEqualTo(UNREAD);
        assertSucceeds(closed);
        assertThat(done(unsent).cause()).isInstanceOf(ClosedChannelException.class);
    }
}
