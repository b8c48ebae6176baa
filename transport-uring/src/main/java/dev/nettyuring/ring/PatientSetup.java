// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.KernelException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens rings where RLIMIT_MEMLOCK is tight: the kernel gives a ring's memory back some 30 ms after it was closed, and who
 * closes some to open others would not get them before.
 */
public final class PatientSetup {
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private PatientSetup() {}

    /** Something for which the kernel charges memory. */
    @FunctionalInterface
    public interface Setup<T> {
        /** Sets it up, or fails and leaves nothing. */
        T attempt() throws IOException;
    }

    /**
     * {@link Ring#open}, which is tried for a moment while it fails for lack of memory. Not on an event loop.
     *
     * @throws IOException as that does
     */
    public static Ring open(int sqEntries, int cqEntries, Set<Feature> features) throws IOException {
        return retried(() -> Ring.open(sqEntries, cqEntries, features));
    }

    /**
     * Tries something for a moment while it fails for lack of memory. Not on an event loop.
     *
     * @throws IOException as that does
     */
    public static <T> T retried(Setup<T> setup) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return setup.attempt();
            } catch (KernelException e) {
                boolean over = System.nanoTime() - start > LIMIT_NANOS;
                if (e.errno() != Errno.ENOMEM || over || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }
}
