// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Wakes a loop again and again, and prints how many turns it took for each task. */
final class WokenLoop {
    private static final int TASKS = 2000;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private WokenLoop() {}

    public static void main(String[] args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        EventLoop loop = group.next();
        for (int i = 0; i < TASKS; i++) {
            loop.execute(() -> {});
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        loop.submit(() -> {}).get();
        System.out.println(UringMetrics.of(loop).turns() / TASKS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
