// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.ring.Probe;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** What a program does before anything goes through its channels, on the thread that does it. */
final class StartUp {
    private StartUp() {}

    private static Scenario onThisThread(Callable<String> attempt) {
        return new Scenario() {
            @Override
            public long thread() throws Exception {
                return Scenario.currentThread();
            }

            @Override
            public String attempt() throws Exception {
                return attempt.call();
            }
        };
    }

    /** What {@link Uring} does once. */
    static Scenario probe() {
        return onThisThread(() -> {
            Probe probe = Probe.run();
            if (probe.failure() != null) {
                throw new IllegalStateException(probe.failure());
            }
            return probe.features().toString();
        });
    }

    static Scenario available() {
        return onThisThread(() -> Uring.isAvailable() + " " + Uring.unavailabilityCause());
    }

    static Scenario best() {
        return onThisThread(() -> {
            Transport best = Transports.best(1);
            return best.name() + ' ' + best.whyNot();
        });
    }

    /** A group that is made, used and ended. */
    static Scenario loop() {
        return onThisThread(() -> {
            EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory());
            try {
                return group.submit(() -> "ran").get(Scenario.LIMIT_SECONDS, TimeUnit.SECONDS);
            } finally {
                group.shutdownGracefully(0, Scenario.LIMIT_SECONDS, TimeUnit.SECONDS)
                        .get(Scenario.LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        });
    }
}
