// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** What goes on on one event loop, both ends of its connections. After each attempt no channel is left, and nothing in flight. */
abstract class LoopScenario implements Scenario {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory());
    private final UringMetrics metrics = UringMetrics.of(group.next());
    private final List<Channel> channels = new CopyOnWriteArrayList<>();

    /** Uses what is there for one attempt; channels that it {@linkplain #opened opened} are closed afterwards. */
    abstract String use() throws Exception;

    @Override
    public final long thread() throws Exception {
        return await(group.submit(Scenario::currentThread));
    }

    final EventLoop loop() {
        return group.next();
    }

    final UringMetrics metrics() {
        return metrics;
    }

    /** The channel is closed at the end of the attempt, if it was not before. */
    final <C extends Channel> C opened(C channel) {
        channels.add(channel);
        return channel;
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Waits for the result; throws what the future failed with, itself. */
    static <V> V await(Future<V> future) throws Exception {
        try {
            return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
        } catch (TimeoutException e) {
            throw new IllegalStateException("HANGS: " + future, e);
        }
    }

    /** Listens on TCP. */
    final Channel serve(Supplier<ChannelHandler> handlers) throws Exception {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT)
                .childHandler(initializer(handlers));
        return open(() -> bootstrap.bind(InetAddress.getLoopbackAddress(), 0));
    }

    /** Opens a channel on the loop's thread, system calls and all. */
    final Channel open(Callable<ChannelFuture> opening) throws Exception {
        ChannelFuture done = await(loop().submit(opening));
        await(done); // else it is closed already, or there never was one
        return opened(done.channel());
    }

    final ChannelInitializer<Channel> initializer(Supplier<ChannelHandler> handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                opened(channel).pipeline().addLast(handlers.get());
            }
        };
    }

    final Channel connect(Channel server, ChannelHandler handler) throws Exception {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(UringSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT)
                .handler(handler);
        return open(() -> bootstrap.connect(server.localAddress()));
    }

    @Override
    public final String attempt() throws Exception {
        try {
            return use();
        } finally {
            for (Channel channel : channels) {
                if (!channel.close().await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("HANGS: closing " + channel);
                }
            }
            channels.clear();
            awaitIdle();
        }
    }

    private void awaitIdle() throws Exception {
        long start = System.nanoTime();
        while (metrics.operationsInFlight() > 0 || inUse() > 0) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new IllegalStateException("LEFT: " + metrics.operationsInFlight() + " operations in flight, "
                        + inUse() + " buffers in use");
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private int inUse() {
        return metrics.receiveBuffers(BufferState.PIPELINE) + metrics.receiveBuffers(BufferState.RETURNING);
    }

    /** Ends the loop. */
    @Override
    public void close() throws Exception {
        await(group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS));
    }
}
