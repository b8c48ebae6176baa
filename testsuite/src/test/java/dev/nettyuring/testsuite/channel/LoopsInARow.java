// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringIoHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.TimeUnit;

/** A program that opens one event loop after another, each as soon as the last has ended. */
final class LoopsInARow {
    /** What it prints when all have run. */
    static final String DONE = "each had its turn";
    /** How many. */
    static final int LOOPS = 20;

    private static final int LIMIT_SECONDS = 20;

    private LoopsInARow() {}

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < LOOPS; i++) {
            EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
            group.submit(() -> {}).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the loop does not end");
            }
        }
        System.out.println(DONE);
    }
}
