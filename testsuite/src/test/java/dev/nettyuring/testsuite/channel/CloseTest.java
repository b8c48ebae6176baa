// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class CloseTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SEED = 11;
    /** More than the sockets' buffers take. */
    private static final int MANY_BYTES = 64 << 20;

    @Test
    void withLingerThePeerSeesTheEndAndNoOperationIsLeft() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        UringMetrics metrics = UringMetrics.of(group.next());
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).childOption(ChannelOption.SO_LINGER, 5);
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new)) {
            try (Socket client = tcp.connect()) {
                Channel channel = tcp.accepted();
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}))
                        .sync();
                ChannelFuture closed = channel.close();
                assertThat(client.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
                assertThat(closed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
            // the server's ACCEPT stays
            await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 1);
        } finally {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    /** Another thread closes the socket, which may take long: the loop tells who is to be told before that. */
    @Test
    void withLingerTheEndOfTheLoopCompletesWhatWasWrittenAndEndsTheChannel() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        // a zero-copy send keeps its buffer until the peer has taken what was sent
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .childOption(ChannelOption.SO_LINGER, 5)
                .childOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER);
        Collector collector = new Collector();
        Tcp tcp = Tcp.serve(bootstrap, () -> collector);
        try (Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            ByteBuf buf =
                    PooledByteBufAllocator.DEFAULT.directBuffer(MANY_BYTES).writeZero(MANY_BYTES);
            ChannelFuture written = channel.writeAndFlush(buf);
            await().atMost(LIMIT).until(() -> channel.eventLoop()
                    .submit(() -> channel.unsafe().outboundBuffer().currentProgress() > 0)
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            assertThat(group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(written.isDone()).as("the write is over").isTrue();
            assertThat(written.cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(collector.isInactive()).as("the handlers know").isTrue();
            assertThat(buf.refCnt()).isZero();
            assertThat(channel.closeFuture().await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("the channel is closed")
                    .isTrue();
            client.setSoLinger(true, 0); // so that what lingers ends
        } finally {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /**
     * The end of the peer's output wakes the send that waits for room, and at that moment it cannot be cancelled. The close
     * must reach the peer nevertheless, although it does not read.
     */
    @Test
    void aSendThatIsWokenAsTheChannelClosesIsCancelledAllTheSame() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        UringMetrics metrics = UringMetrics.of(group.next());
        // a zero-copy send is in flight until the peer has taken what was sent
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(group).childOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER);
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new)) {
            for (int i = 0; i < 20; i++) {
                try (Socket client = tcp.connect()) {
                    Channel channel = stalled(tcp);
                    client.shutdownOutput();
                    channel.closeFuture().sync();
                    await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 1);
                }
            }
        } finally {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    /** A connection whose peer does not read, with more flushed than the kernel takes. */
    private static Channel stalled(Tcp tcp) throws InterruptedException {
        Channel channel = tcp.accepted();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[MANY_BYTES]));
        await().atMost(LIMIT).until(() -> !channel.isWritable());
        return channel;
    }

    @Test
    void aHandlerMayCloseAndShutDownAgainWhileTheLastSendIsStillBeingCancelled() throws Exception {
        BlockingQueue<ChannelFuture> later = new LinkedBlockingQueue<>();
        try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelInactive(ChannelHandlerContext context) {
                        later.add(context.close());
                        later.add(((SocketChannel) context.channel()).shutdownOutput());
                        later.add(((SocketChannel) context.channel()).shutdown());
                    }
                });
                Socket client = tcp.connect()) {
            Channel channel = stalled(tcp);
            channel.close().sync();
            later.add(((SocketChannel) channel).shutdown());
            for (int i = 0; i < 4; i++) {
                ChannelFuture future = later.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertThat(future).isNotNull();
                assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(future.cause())
                        .satisfiesAnyOf(cause -> assertThat(cause).isNull(), cause -> assertThat(cause)
                                .isInstanceOf(ClosedChannelException.class));
            }
        }
    }

    @Test
    void shuttingOutputDownInTheMiddleOfASendLeavesTheInputOpen() throws Exception {
        Collector collector = new Collector();
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> collector);
                Socket client = tcp.connect()) {
            SocketChannel channel = (SocketChannel) stalled(tcp);
            channel.shutdownOutput().sync();
            client.getOutputStream().write(1);
            await().atMost(LIMIT).until(() -> collector.count() == 1);
            assertThat(channel.isActive()).isTrue();
            assertThat(collector.events()).doesNotHaveAnyElementsOfTypes(Throwable.class);
            channel.close().sync();
        }
    }

    @Test
    void closingTheFdBehindTheChannelsBackLeavesNoOperation() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        UringMetrics metrics = UringMetrics.of(group.next());
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            UringSocketChannel channel = (UringSocketChannel) tcp.accepted();
            channel.fd().close();
            channel.close().sync();
            await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 1);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } finally {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    /** Closes, half closes and resets at any moment, from any thread, with reads and writes under way. */
    @Test
    void closingAtAnyMomentCompletesEveryFuture() throws Exception {
        Random random = new Random(SEED);
        byte[] data = new byte[300_000];
        try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.writeAndFlush(message);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        })) {
            for (int round = 0; round < 400; round++) {
                List<ChannelFuture> futures = new ArrayList<>();
                ChannelFuture connected = new Bootstrap()
                        .group(Tcp.loops())
                        .channel(UringSocketChannel.class)
                        .option(ChannelOption.SO_LINGER, random.nextInt(3) - 1)
                        .option(ChannelOption.AUTO_READ, random.nextBoolean())
                        .handler(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                ((ByteBuf) message).release();
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                                context.close();
                            }
                        })
                        .connect(tcp.address());
                Channel client = connected.channel();
                if (random.nextInt(4) > 0) {
                    connected.sync();
                    for (int i = random.nextInt(5); i > 0; i--) {
                        futures.add(client.writeAndFlush(Unpooled.wrappedBuffer(data)));
                    }
                    switch (random.nextInt(4)) {
                        case 0:
                            futures.add(((SocketChannel) client).shutdownOutput());
                            break;
                        case 1:
                            futures.add(((SocketChannel) client).shutdownInput());
                            break;
                        case 2:
                            Channel server = tcp.accepted();
                            futures.add(server.close());
                            futures.add(server.closeFuture());
                            break;
                        default:
                            client.read();
                    }
                }
                if (random.nextBoolean()) {
                    Thread.sleep(0, random.nextInt(1_000_000));
                }
                futures.add(client.close());
                futures.add(client.closeFuture());
                for (ChannelFuture future : futures) {
                    assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                            .as("round %d: %s", round, future)
                            .isTrue();
                }
            }
            for (UringMetrics metrics : TransportInvariants.loops().metrics()) {
                await().atMost(LIMIT).until(() -> metrics.operationsInFlight() <= 1);
            }
        }
    }
}
