// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RingWakeupTest {
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(30);

    private OpenRing open;

    @BeforeEach
    void open() throws Exception {
        open = new OpenRing();
    }

    @AfterEach
    void close() {
        open.close();
    }

    private void sleep() {
        open.ring.enterAndWait(LONG_NANOS);
        open.wakeup.awake();
        open.ring.dispatchCompletions(open.wakeup);
    }

    @Test
    void anAwakeLoopCostsNoSystemCall() {
        for (int i = 0; i < 1_000; i++) {
            open.wakeup.wake();
        }
        assertThat(open.wakeup.writes()).isZero();
    }

    @Test
    void aSleepingLoopCostsOneHoweverManyWakeIt() {
        open.wakeup.fallAsleep(open.ring);
        for (int i = 0; i < 1_000; i++) {
            open.wakeup.wake();
        }
        assertThat(open.wakeup.writes()).isEqualTo(1);
        sleep();
    }

    @Test
    void wakingOnTheVergeOfSleepEndsTheSleepAtOnce() {
        for (int i = 0; i < 100; i++) {
            open.wakeup.fallAsleep(open.ring);
            open.wakeup.wake();
            long start = System.nanoTime();
            sleep();
            assertThat(System.nanoTime() - start).as("nanoseconds asleep").isLessThan(LONG_NANOS);
        }
        assertThat(open.wakeup.writes()).isEqualTo(100);
    }

    @Test
    void aCompletionEndsTheSleepAndTheLoopIsAwakeAfterwards() {
        RecordedOperation.nop().submitTo(open.ring);
        open.wakeup.fallAsleep(open.ring);
        sleep();
        open.wakeup.wake();
        assertThat(open.wakeup.writes()).isZero();
    }

    /** The loop of an event loop in small: whoever adds work wakes it, and it must see every piece without a timeout. */
    @Test
    void noWakeUpIsLostHoweverManyThreadsRaceWithTheLoop() throws Exception {
        int threads = 3;
        int each = 20_000;
        AtomicInteger work = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> wakers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread waker = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < each; i++) {
                    work.incrementAndGet();
                    open.wakeup.wake();
                    if (i % 64 == 0) {
                        Thread.yield();
                    }
                }
            });
            waker.start();
            wakers.add(waker);
        }
        go.countDown();
        int seen = 0;
        while (seen < threads * each) {
            open.wakeup.fallAsleep(open.ring);
            if (work.get() == seen) {
                long start = System.nanoTime();
                open.ring.enterAndWait(LONG_NANOS);
                assertThat(System.nanoTime() - start)
                        .as("a sleep that nobody ended, with " + (work.get() - seen) + " pieces of work waiting")
                        .isLessThan(LONG_NANOS);
            }
            open.wakeup.awake();
            open.ring.dispatchCompletions(open.wakeup);
            seen = work.get();
        }
        for (Thread waker : wakers) {
            waker.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(waker.isAlive()).isFalse();
        }
    }

    @Test
    void wakingAfterTheEndIsHarmless() throws Exception {
        Wakeup wakeup = new Wakeup();
        wakeup.close();
        wakeup.wake();
        assertThat(wakeup.writes()).isZero();
    }
}
