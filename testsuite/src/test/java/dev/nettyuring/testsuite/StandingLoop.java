// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An event loop that stands still in a task, and takes nothing from its ring, until this is closed. */
public final class StandingLoop implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final CountDownLatch stands = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    /** Returns when it stands. */
    public StandingLoop(EventLoop loop) {
        loop.execute(() -> {
            stands.countDown();
            awaitInTime(goesOn);
        });
        awaitInTime(stands);
    }

    private static void awaitInTime(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        goesOn.countDown();
    }
}
