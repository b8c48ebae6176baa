// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The receive memory of one event loop: slabs from mmap(2), cut into buffers of one size, up to a limit. It belongs to
 * the loop's thread; only {@link #giveBack} is called from others.
 *
 * <p>Free buffers lie on a stack, so that the one used last, which is still in the cache, is lent first. Buffers that
 * other threads release gather in a second, lock-free stack that the loop empties once a turn. A closed pool unmaps its
 * slabs when the last buffer has come back.
 */
final class ReceivePool {
    private static final int PAGE = 4096;
    private static final VarHandle RETURNED;
    /** Stands on the stack of returned buffers once nobody empties it any more. */
    private static final ReceiveBuffer CLOSED = new ReceiveBuffer(null, (short) 0, 0, null);

    static {
        try {
            RETURNED = MethodHandles.lookup().findVarHandle(ReceivePool.class, "returned", ReceiveBuffer.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int bufferSize;
    private final int slabSize;
    private final Slab.Prefault prefault;
    private final boolean hugePages;
    private final ReceiveBuffer[] buffers;
    private final Runnable wakeLoop;
    private final BufferState.Census census = new BufferState.Census();
    private final List<Slab> slabs = new ArrayList<>();
    private final Deque<ReceiveBuffer> free = new ArrayDeque<>();
    /** After closing: how many buffers are still out. Reaches zero once, from whichever side. */
    private final AtomicInteger awaited = new AtomicInteger();

    private Thread loopThread;
    private volatile int allocated;
    private volatile boolean waiting;
    private volatile boolean unmapped;

    @SuppressWarnings("unused") // through RETURNED
    private volatile ReceiveBuffer returned;

    /**
     * @param memory how much of it, and of what kind
     * @param wakeLoop called, on any thread, when a buffer comes back that {@linkplain #awaitReturn somebody waits for}
     */
    ReceivePool(ReceiveMemory memory, Runnable wakeLoop) {
        bufferSize = memory.bufferSize();
        slabSize = memory.slabSize();
        prefault = memory.prefault();
        hugePages = memory.hugePages();
        this.wakeLoop = wakeLoop;
        buffers = new ReceiveBuffer[memory.limit()];
    }

    void ownedBy(Thread loopThread) {
        this.loopThread = loopThread;
    }

    BufferState.Census census() {
        return census;
    }

    int bufferSize() {
        return bufferSize;
    }

    int limit() {
        return buffers.length;
    }

    /** How many buffers there are, in whatever state. Any thread. */
    int allocated() {
        return allocated;
    }

    ReceiveBuffer byId(int id) {
        return buffers[id];
    }

    /** The free buffer that was used last, or {@code null} if all are out and the limit, or the machine's, is reached. */
    ReceiveBuffer take() {
        ReceiveBuffer buffer = free.pollFirst();
        if (buffer == null && addSlab()) {
            buffer = free.pollFirst();
        }
        return buffer;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes it
    private boolean addSlab() {
        int count = Math.min(Math.max(1, slabSize / bufferSize), buffers.length - allocated);
        if (count == 0) {
            return false;
        }
        Slab slab;
        try {
            slab = Slab.map((count * bufferSize + PAGE - 1) & -PAGE, prefault, hugePages);
        } catch (IOException outOfMemory) {
            return false; // as at the limit: reading goes on with the buffers that come back
        }
        slabs.add(slab);
        for (int i = count - 1; i >= 0; i--) {
            int id = allocated + i;
            int offset = i * bufferSize;
            buffers[id] = new ReceiveBuffer(
                    this,
                    (short) id,
                    slab.address() + offset,
                    slab.buffer().slice(offset, bufferSize).order(ByteOrder.BIG_ENDIAN));
            free.addFirst(buffers[id]);
        }
        census.added(count);
        allocated += count;
        return true;
    }

    /** Takes back a buffer that is {@link BufferState#RETURNING}. Any thread. */
    void giveBack(ReceiveBuffer buffer) {
        if (Thread.currentThread() == loopThread) {
            toFree(buffer);
            return;
        }
        ReceiveBuffer head;
        do {
            head = (ReceiveBuffer) RETURNED.getAcquire(this);
            if (head == CLOSED) {
                buffer.moveTo(BufferState.FREE);
                settled(awaited.decrementAndGet());
                return;
            }
            buffer.nextReturned = head;
        } while (!RETURNED.compareAndSet(this, head, buffer));
        if (waiting) {
            wakeLoop.run();
        }
    }

    boolean hasReturned() {
        return returned != null;
    }

    /** Moves what other threads gave back to the free stack. */
    void collectReturned() {
        if (hasReturned()) {
            freeAll((ReceiveBuffer) RETURNED.getAndSet(this, null));
        }
    }

    /** Whether the loop is to be woken when a buffer comes back: the caller looks once more after it asked for that. */
    void awaitReturn(boolean waiting) {
        if (this.waiting != waiting) {
            this.waiting = waiting;
        }
    }

    private void freeAll(ReceiveBuffer head) {
        for (ReceiveBuffer buffer = head; buffer != null; ) {
            ReceiveBuffer next = buffer.nextReturned;
            buffer.nextReturned = null;
            toFree(buffer);
            buffer = next;
        }
    }

    private void toFree(ReceiveBuffer buffer) {
        buffer.moveTo(BufferState.FREE);
        free.addFirst(buffer);
    }

    /** The loop is gone, and the kernel has no buffer any more. What is in the pipeline may come back whenever it likes. */
    void close() {
        loopThread = null;
        freeAll((ReceiveBuffer) RETURNED.getAndSet(this, CLOSED));
        settled(awaited.addAndGet(allocated - free.size()));
    }

    private void settled(int stillOut) {
        if (stillOut == 0) {
            slabs.forEach(Slab::close);
            unmapped = true;
        }
    }

    /** Whether all is over: closed, and every buffer back. */
    boolean isUnmapped() {
        return unmapped;
    }
}
