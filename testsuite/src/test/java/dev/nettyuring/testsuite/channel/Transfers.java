// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;

/**
 * A program that echoes random bytes over several connections, checks each, and ends: for tests that disturb a process. What
 * it writes lies in slabs.
 */
final class Transfers {
    /** What it prints when every byte came back. */
    static final String DONE = "every byte came back";

    private static final int CONNECTIONS = 4;
    private static final int BYTES = 1 << 20;
    private static final int BYTES_AT_ONCE = 16 << 10;
    private static final int LIMIT_SECONDS = 60;

    private Transfers() {}

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.nettyuring")).setLevel(Level.WARN);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory());
        UringMetrics metrics = UringMetrics.of(group.next());
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT)
                .childHandler(new Echo())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        List<Check> checks = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Check check = new Check(i);
            checks.add(check);
            new Bootstrap()
                    .group(group)
                    .channel(UringSocketChannel.class)
                    .option(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT)
                    .handler(check)
                    .connect(server.localAddress())
                    .sync();
        }
        for (Check check : checks) {
            check.await();
        }
        server.close().sync();
        if (!group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the loop does not end");
        }
        if (metrics.operationsInFlight() != 0) {
            throw new IllegalStateException(metrics.operationsInFlight() + " operations are left in flight");
        }
        System.out.println(DONE);
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    /** Sends some bytes, compares what comes back, sends the next, and closes in the end. */
    private static final class Check extends SimpleChannelInboundHandler<ByteBuf> {
        private final byte[] bytes;
        private final CountDownLatch closed = new CountDownLatch(1);
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private int received;

        Check(int seed) {
            bytes = TestBytes.random(seed, BYTES);
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            ByteBuf piece = context.alloc().directBuffer(BYTES_AT_ONCE);
            context.writeAndFlush(piece.writeBytes(bytes, received, BYTES_AT_ONCE));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            while (message.isReadable()) {
                if (message.readByte() != bytes[received]) {
                    throw new IllegalStateException("byte " + received + " differs");
                }
                received++;
            }
            if (received == BYTES) {
                context.close();
            } else if (received % BYTES_AT_ONCE == 0) {
                send(context);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failure.compareAndSet(null, cause);
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.countDown();
        }

        void await() throws InterruptedException {
            boolean ended = closed.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (failure.get() != null || !ended || received != BYTES) {
                throw new IllegalStateException("received " + received + " of " + BYTES + " bytes", failure.get());
            }
        }
    }
}
