// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Ring;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What becomes of the operations in flight, and of the loop's memory, when an event loop ends. What was sent by zero copy
 * and not acknowledged yet reaches the peer after that, as any bytes do whose socket is closed; until it has, the kernel
 * reads the buffers, and they are not released. Loop thread only.
 */
final class LoopEnd {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(LoopEnd.class);
    /** Memory that the kernel may use for ever, as far as we know: the garbage collector must not free it either. */
    private static final Set<UringIoHandler> KEPT = ConcurrentHashMap.newKeySet();

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Time for the acknowledgements of peers that do read. */
    private static final long NOTIFICATION_LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final UringIoHandler handler;
    private final Ring ring;

    LoopEnd(UringIoHandler handler) {
        this.handler = handler;
        ring = handler.ring();
    }

    /** Cancels everything and waits until the kernel is done with it, but for sends that peers do not acknowledge. */
    void drain() {
        try {
            drainInTime();
        } catch (IllegalStateException e) {
            LOGGER.error("The event loop ends with {} operations in flight", ring.operationsInFlight(), e);
            if (ring.isRefused()) {
                abandonRing();
            }
        }
    }

    /** The kernel ends the operations when the ring is closed. */
    private void abandonRing() {
        handler.dispatch(); // what has completed before
        boolean ended = false;
        try {
            ended = ring.abandon(LIMIT_NANOS);
        } catch (IOException e) {
            LOGGER.warn("It cannot be found out when the kernel has ended them", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (ended) {
            handler.groups().ringClosed();
            handler.endTurns();
        } else {
            keep();
        }
    }

    private void drainInTime() {
        long start = System.nanoTime();
        handler.closes().finish();
        ring.forEachOperation(ring::cancel);
        while (ring.operationsInFlight() > 0) {
            long limitNanos = isNotifiedLater() ? NOTIFICATION_LIMIT_NANOS : LIMIT_NANOS;
            if (System.nanoTime() - start > limitNanos) {
                break;
            }
            ring.enterAndWait(STEP_NANOS);
            handler.dispatch();
        }
        // the sockets' CLOSE among them, which a call that is interrupted or short of memory leaves where they are
        while (ring.hasSubmissions() && System.nanoTime() - start < LIMIT_NANOS) {
            ring.enter();
        }
        ring.ensureUsable();
    }

    private boolean isNotifiedLater() {
        return ring.operationsInFlight() == ring.notificationsAwaited();
    }

    /** Closes the ring, and frees what the kernel does not use any more. */
    void release() {
        if (KEPT.contains(handler)) {
            LOGGER.error("{} io_uring operations did not end; their memory is not freed", ring.operationsInFlight());
        } else if (ring.operationsInFlight() == 0) {
            handler.groups().close();
            ring.close();
            handler.blocks().close();
        } else if (isNotifiedLater()) {
            releaseWhenNotified();
        } else {
            LOGGER.error(
                    "{} io_uring operations did not end within {} s of being cancelled; their memory is not freed",
                    ring.operationsInFlight(),
                    TimeUnit.NANOSECONDS.toSeconds(LIMIT_NANOS));
            keep();
        }
    }

    private void releaseWhenNotified() {
        int sends = ring.notificationsAwaited();
        handler.groups().close();
        try {
            ring.closeBeforeNotified(() -> {
                handler.blocks().close();
                LOGGER.debug("The peers have what the event loop sent before it ended; its memory is free");
            });
            LOGGER.info(
                    "The event loop ends before peers have acknowledged {} of its zero-copy sends; their buffers are released"
                            + " when they have, or the connections are lost",
                    sends);
        } catch (Throwable e) { // no descriptor or memory, or no thread
            LOGGER.warn(
                    "The event loop ends before peers have acknowledged {} of its zero-copy sends, and cannot find out when they"
                            + " have: the memory is not freed",
                    sends,
                    e);
            keep();
        }
    }

    private void keep() {
        KEPT.add(handler);
        ring.close();
    }
}
