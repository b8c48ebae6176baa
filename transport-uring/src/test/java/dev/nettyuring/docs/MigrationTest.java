// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.ring.Feature;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code docs/migration.md} says that behaves differently does so, where nothing else tests it. */
class MigrationTest {
    private static final long LIMIT_SECONDS = 60;
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    private final EventLoopGroup ours = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    private final EventLoopGroup nios = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void endLoops() {
        for (EventLoopGroup group : new EventLoopGroup[] {ours, nios}) {
            group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(group.terminationFuture().awaitUninterruptibly(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    private static Channel register(EventLoopGroup group, Channel channel) {
        group.register(channel).syncUninterruptibly();
        return channel;
    }

    private static void closeUnregistered(Channel channel) {
        channel.unsafe().closeForcibly();
    }

    @Test
    void aChannelRunsOnLoopsOfItsOwnTransportOnly() {
        Channel channel = new UringSocketChannel();
        assertThatThrownBy(() -> register(nios, channel))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("incompatible event loop type");
        closeUnregistered(channel);
        Channel nio = new NioSocketChannel();
        assertThatThrownBy(() -> register(ours, nio))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("incompatible event loop type");
        closeUnregistered(nio);
    }

    @Test
    void optionsOfTheJdksSocketsAreNotKnown() {
        Channel channel = register(ours, new UringSocketChannel());
        assertThat(channel.config().setOption(NioChannelOption.of(StandardSocketOptions.TCP_NODELAY), false))
                .isFalse();
        assertThat(channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, 60))
                .isTrue();
        assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(60);
        channel.close().syncUninterruptibly();
    }

    @Test
    @SuppressWarnings("deprecation") // that is what it is about
    void epollsModeIsNotKnown() {
        Channel channel = register(ours, new UringSocketChannel());
        assertThat(channel.config().setOption(EpollChannelOption.EPOLL_MODE, EpollMode.LEVEL_TRIGGERED))
                .isFalse();
        channel.close().syncUninterruptibly();
    }

    @Test
    void receivedBuffersAreDirectAndFull() throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "without, they are the allocator's");
        CompletableFuture<String> seen = new CompletableFuture<>();
        Channel server = new ServerBootstrap()
                .group(ours)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ByteBuf buf = (ByteBuf) message;
                        seen.complete(String.join(
                                " ",
                                "array: " + buf.hasArray(),
                                "address: " + buf.hasMemoryAddress(),
                                "buffers: " + buf.nioBufferCount(),
                                "writable: " + buf.writableBytes(),
                                "own allocator: " + (buf.alloc() == ctx.alloc())));
                        buf.release();
                    }
                })
                .bind(ANY_PORT)
                .syncUninterruptibly()
                .channel();
        Channel client = new Bootstrap()
                .group(ours)
                .channel(UringSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server.localAddress())
                .syncUninterruptibly()
                .channel();
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        assertThat(seen.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isEqualTo("array: false address: true buffers: 1 writable: 0 own allocator: true");
    }

    @Test
    void exceptionsAreTheJdksAndNameTheError() {
        Channel server = new ServerBootstrap()
                .group(ours)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(ANY_PORT)
                .syncUninterruptibly()
                .channel();
        server.close().syncUninterruptibly();
        Bootstrap client = new Bootstrap()
                .group(ours)
                .channel(UringSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter());
        Throwable cause =
                client.connect(server.localAddress()).awaitUninterruptibly().cause();
        assertThat(cause).isInstanceOf(ConnectException.class).hasMessageContaining("(ECONNREFUSED)");
    }
}
