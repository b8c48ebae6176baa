// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that send next to nothing, and peers that read nothing, cost one loop's transport next to nothing, however many. */
@ExtendWith(TransportInvariants.class)
@Timeout(300)
class SlowPeersTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** {@code -Dnetwork.scale=4} for 4,000 of them. */
    private static final int SLOW = 1000 * Integer.getInteger("network.scale", 1);

    private static final int UNREAD = 50;
    private static final int HIGH_WATER_MARK = 64 << 10; // Netty's default
    private static final int PIECE = 32 << 10;
    private static final int UNREAD_PIECES = 200;
    private static final int ROUNDS = 3;
    /** The kernel's limits, by default, of what waits in a sending socket and in a receiving one. */
    private static final int SOCKETS_HOLD = (4 + 6) << 20;
    /** What a loop at rest has, and four times that when it was found to be too little. */
    private static final long MOST_RECEIVE_MEMORY = (1 + 4) << 20;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    private final UringMetrics metrics = UringMetrics.of(loop.iterator().next());
    private final List<SocketChannel> peers = new ArrayList<>();
    private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
    private Channel server;

    private void serve(ZeroCopy zeroCopy, Supplier<ChannelHandler[]> handlers) throws InterruptedException {
        server = new ServerBootstrap()
                .group(loop)
                .channel(UringServerSocketChannel.class)
                .childOption(UringChannelOption.ZERO_COPY, zeroCopy)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers.get());
                        accepted.add(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private void connect(int count) throws Exception {
        SocketAddress address = server.localAddress();
        int all = peers.size() + count;
        for (int i = 0; i < count; i++) {
            peers.add(SocketChannel.open(address));
        }
        await().atMost(LIMIT).until(() -> accepted.size() == all);
    }

    /** All connections end: nothing is left of them. */
    @AfterEach
    void end() throws Exception {
        for (SocketChannel peer : peers) {
            peer.close();
        }
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(metrics.operationsInFlight()).isEqualTo(1); // the ACCEPT
            assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isZero();
        });
        server.close().sync();
        assertThat(loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(metrics.operationsInFlight()).isZero();
    }

    private void assertBounded(int operations) throws Exception {
        loop.submit(() -> {}).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(metrics.operationsInFlight()).as("operations in flight").isLessThanOrEqualTo(operations);
        assertThat(metrics.receiveMemory()).as("receive memory").isLessThanOrEqualTo(MOST_RECEIVE_MEMORY);
    }

    @Test
    void peersThatSendAByteNowAndThenTakeTwoOperationsEachAndNextToNoMemory() throws Exception {
        serve(ZeroCopy.AUTO, () -> new ChannelHandler[] {
            new LineBasedFrameDecoder(1024), // keeps what came until the line's end
            new SimpleChannelInboundHandler<ByteBuf>() {
                @Override
                protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
                    context.writeAndFlush(line.retain());
                }
            }
        });
        connect(SLOW);
        for (int round = 0; round < ROUNDS; round++) {
            for (SocketChannel peer : peers) {
                peer.write(ByteBuffer.wrap(new byte[] {'s'}));
            }
            assertBounded(2 * SLOW + 1);
        }
        connect(1);
        SocketChannel quick = peers.get(SLOW);
        quick.write(ByteBuffer.wrap("quick\n".getBytes()));
        assertThat(quick.read(ByteBuffer.allocate(5))).as("bytes of an answer").isPositive();
        assertBounded(2 * SLOW + 3);
        for (SocketChannel peer : peers.subList(0, SLOW)) {
            peer.write(ByteBuffer.wrap(new byte[] {'\n'}));
            assertThat(peer.read(ByteBuffer.allocate(10)))
                    .as("bytes of an answer")
                    .isEqualTo(ROUNDS);
        }
    }

    @ParameterizedTest
    @EnumSource(ZeroCopy.class)
    void ofWhatPeersDoNotReadNoMoreWaitsThanTheHighWaterMarkIfWritabilityIsRespected(ZeroCopy zeroCopy)
            throws Exception {
        ByteBuf piece = Unpooled.directBuffer(PIECE).writeZero(PIECE);
        serve(zeroCopy, () -> new ChannelHandler[] {new Sender(piece)});
        connect(UNREAD);
        await().atMost(LIMIT).until(() -> accepted.stream().noneMatch(Channel::isWritable));
        for (Channel channel : accepted) {
            long pending = loop.submit(() -> channel.unsafe().outboundBuffer().totalPendingWriteBytes())
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(pending).isLessThanOrEqualTo(HIGH_WATER_MARK + 2 * PIECE);
        }
        assertBounded(operations(zeroCopy));
        closePeers();
        await().atMost(LIMIT).until(() -> piece.refCnt() == 1);
        piece.release();
    }

    /** A RECV, a poll for the peer's close and a SEND for each connection, and as many zero-copy sends of pieces as sockets hold. */
    private static int operations(ZeroCopy zeroCopy) {
        return (zeroCopy == ZeroCopy.ALWAYS ? 3 + SOCKETS_HOLD / PIECE : 3) * UNREAD + 1;
    }

    private void closePeers() throws Exception {
        for (SocketChannel peer : peers) {
            peer.close();
        }
    }

    /** Sends while the channel is writable. */
    private static final class Sender extends ChannelInboundHandlerAdapter {
        private final ByteBuf piece;

        Sender(ByteBuf piece) {
            this.piece = piece;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            while (context.channel().isWritable()) {
                context.write(piece.retainedDuplicate());
            }
            context.flush();
        }
    }

    @ParameterizedTest
    @EnumSource(ZeroCopy.class)
    void whoeverIgnoresWritabilityFillsHisOwnQueueAndNotTheKernels(ZeroCopy zeroCopy) throws Exception {
        ByteBuf piece = Unpooled.directBuffer(PIECE).writeZero(PIECE);
        Queue<Future<?>> written = new ConcurrentLinkedQueue<>();
        serve(zeroCopy, () -> new ChannelHandler[] {
            new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    for (int i = 0; i < UNREAD_PIECES; i++) {
                        written.add(context.writeAndFlush(piece.retainedDuplicate()));
                    }
                }
            }
        });
        connect(UNREAD);
        await().atMost(LIMIT).until(() -> written.size() == UNREAD * UNREAD_PIECES);
        assertBounded(operations(zeroCopy));
        closePeers();
        for (Future<?> future : written) {
            assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertThat(written).anyMatch(future -> !future.isSuccess());
        await().atMost(LIMIT).until(() -> piece.refCnt() == 1);
        piece.release();
    }
}
