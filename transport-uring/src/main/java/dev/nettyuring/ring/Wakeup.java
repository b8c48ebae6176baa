// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Wakes the loop from other threads: an eventfd that the ring polls. It is written only if the loop sleeps or is about
 * to, and once however many threads wake it; its counter is never read, since every write completes the poll anew.
 */
public final class Wakeup implements AutoCloseable {
    /** The {@code user_data} of the poll's completions. */
    private static final long USER_DATA = 1;

    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int CLOSED = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);
    /** Threads that are writing the eventfd, or are about to find out whether they have to. */
    private final AtomicInteger writing = new AtomicInteger();

    private final AtomicLong writes = new AtomicLong();
    private final int eventfd;
    private boolean armed;

    /**
     * Opens the eventfd.
     *
     * @throws IOException if no file descriptor is left
     */
    public Wakeup() throws IOException {
        eventfd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
        if (eventfd < 0) {
            throw Errno.newIOException("eventfd", eventfd);
        }
    }

    /** Makes the loop's current or next sleep end at once, if it sleeps. Any thread. */
    public void wake() {
        if (state.get() != ASLEEP) {
            return;
        }
        writing.incrementAndGet();
        try {
            // not after the write: the loop, which may run before we do again, is not to wait for us
            if (state.compareAndSet(ASLEEP, AWAKE)) {
                write();
            }
        } finally {
            writing.decrementAndGet();
        }
    }

    private void write() {
        writes.incrementAndGet();
        int result;
        do {
            result = Native.eventfdWrite(eventfd, 1);
        } while (result == -Errno.EINTR);
        assert result == 0 : Errno.message("write to eventfd", result);
    }

    /** The loop announces that it will sleep, and looks for work once more before it does. Loop thread. */
    public void fallAsleep(Ring ring) {
        if (!armed) {
            ring.pollForever(eventfd, SocketAbi.POLLIN, USER_DATA);
            armed = true;
        }
        state.set(ASLEEP);
    }

    /** The loop is awake again. Loop thread. */
    public void awake() {
        state.compareAndSet(ASLEEP, AWAKE);
    }

    /** The poll completed; if that was its last, the next sleep starts a new one. */
    void completed(int flags) {
        armed = (flags & Abi.IORING_CQE_F_MORE) != 0;
    }

    /** The poll's last completion may never come: the next sleep starts a new one. A second one beside the first is harmless. */
    public void mayBeLost() {
        armed = false;
    }

    /** How many system calls waking the loop has cost. Any thread. */
    public long writes() {
        return writes.get();
    }

    /** Waits for a thread that is waking the loop to be done, so that it never writes to an fd that is somebody else's. */
    @Override
    public void close() {
        state.set(CLOSED);
        while (writing.get() != 0) {
            Thread.onSpinWait();
        }
        Native.close(eventfd);
    }
}
