// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** What an event loop's own thread does when it begins: each attempt is a new loop. */
final class LoopThread implements Scenario {
    private final BlockingQueue<Long> thread = new LinkedBlockingQueue<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private EventLoopGroup group;

    LoopThread() {
        group = newGroup();
        group.execute(() -> {});
    }

    private EventLoopGroup newGroup() {
        return new MultiThreadIoEventLoopGroup(
                1, (ThreadFactory) task -> new Thread(() -> begin(task)), UringIoHandler.newFactory());
    }

    private void begin(Runnable task) {
        try {
            thread.add(Scenario.currentThread());
            go.await();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        task.run();
    }

    @Override
    public long thread() throws InterruptedException {
        return thread.take();
    }

    @Override
    public String attempt() throws Exception {
        EventLoopGroup group = this.group != null ? this.group : newGroup();
        this.group = null;
        try {
            ChannelFuture bound = new ServerBootstrap()
                    .group(group)
                    .channel(UringServerSocketChannel.class)
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0);
            go.countDown(); // a loop that has ended takes no more tasks, and does not say why
            LoopScenario.await(bound);
            return "bound";
        } finally {
            group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }
}
