// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The receive buffers of one event loop: slabs of a {@link ReceivePool}, cut into buffers of one size, up to a limit. They
 * belong to the loop's thread; only {@link #giveBack} is called from others.
 *
 * <p>Free buffers lie on a stack, so that the one used last, which is still in the cache, is lent first. Buffers that
 * other threads release gather in a second, lock-free stack that the loop empties once a turn. When the loop is gone the
 * slabs go back to their pool with the last buffer.
 */
final class ReceiveBuffers {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(ReceiveBuffers.class);
    private static final VarHandle RETURNED;
    /** Stands on the stack of returned buffers once nobody empties it any more. */
    private static final ReceiveBuffer CLOSED = new ReceiveBuffer(null, (short) 0, 0, null);

    static {
        try {
            RETURNED = MethodHandles.lookup().findVarHandle(ReceiveBuffers.class, "returned", ReceiveBuffer.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int bufferSize;
    private final int buffersASlab;
    private final boolean scrubOnRelease;
    private final ReceivePool pool;
    private final Runnable wakeLoop;
    private final BufferState.Census census = new BufferState.Census();
    /** By id; {@code null} where no slab is. */
    private final ReceiveBuffer[] buffers;

    private final ByteBuf[] slabs;
    private final Deque<ReceiveBuffer> free = new ArrayDeque<>();
    private final IdlePieces idlePieces = new IdlePieces();
    /** After closing: how many buffers are still out. Reaches zero once, from whichever side. */
    private final AtomicInteger awaited = new AtomicInteger();

    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong writesAfterReturn = new AtomicLong();

    private Thread loopThread;
    private boolean refused;
    private volatile int allocated;
    private volatile boolean waiting;
    private volatile boolean over;

    @SuppressWarnings("unused") // through RETURNED
    private volatile ReceiveBuffer returned;

    /**
     * @param memory how much of it, and of what kind
     * @param wakeLoop called, on any thread, when a buffer comes back that {@linkplain #awaitReturn somebody waits for}
     */
    ReceiveBuffers(ReceiveMemory memory, Runnable wakeLoop) {
        bufferSize = memory.bufferSize();
        scrubOnRelease = memory.scrubOnRelease();
        pool = memory.pool();
        this.wakeLoop = wakeLoop;
        buffers = new ReceiveBuffer[memory.limit()];
        buffersASlab = Math.max(1, Math.min(memory.slabSize() / bufferSize, buffers.length));
        slabs = new ByteBuf[(buffers.length + buffersASlab - 1) / buffersASlab];
    }

    void ownedBy(Thread loopThread) {
        this.loopThread = loopThread;
    }

    boolean isOnLoop() {
        return Thread.currentThread() == loopThread;
    }

    IdlePieces idlePieces() {
        return idlePieces;
    }

    BufferState.Census census() {
        return census;
    }

    int bufferSize() {
        return bufferSize;
    }

    /** How many there are at the most. */
    int limit() {
        return buffers.length;
    }

    /** How many buffers there are, in whatever state. Any thread. */
    int allocated() {
        return allocated;
    }

    /** Whether the pool had no memory when it was last asked. */
    boolean isRefused() {
        return refused;
    }

    /** How often the pool had no memory to give. Any thread. */
    long failures() {
        return failures.get();
    }

    /** In poison mode: how many buffers were written to while they were free. Any thread. */
    long writesAfterReturn() {
        return writesAfterReturn.get();
    }

    /** The buffer the kernel knows by that id, or {@code null}. */
    ReceiveBuffer byId(int id) {
        return id < buffers.length ? buffers[id] : null;
    }

    /** The free buffer that was used last, or {@code null} if all are out and the limit, or the pool's, is reached. */
    ReceiveBuffer take() {
        ReceiveBuffer buffer = free.pollFirst();
        if (buffer == null && addSlab()) {
            buffer = free.pollFirst();
        }
        if (Poison.ENABLED && buffer != null) {
            checkUntouched(buffer);
        }
        return buffer;
    }

    private void checkUntouched(ReceiveBuffer buffer) {
        int at = Poison.damage(buffer.memory);
        if (at != Poison.UNTOUCHED) {
            writesAfterReturn.incrementAndGet();
            LOGGER.error(
                    "Receive buffer {} was written to after it was returned, at offset {}: somebody uses a ByteBuf, or"
                            + " a view of one, that was released",
                    buffer.id,
                    at);
        }
    }

    private boolean addSlab() {
        int slot = 0;
        while (slot < slabs.length && slabs[slot] != null) {
            slot++;
        }
        if (slot == slabs.length) {
            return false;
        }
        int first = slot * buffersASlab;
        refused = !allocate(slot, first, Math.min(buffersASlab, buffers.length - first));
        if (refused) {
            failures.incrementAndGet();
        }
        return !refused;
    }

    /** {@code false} if the pool has no memory, or none that will do, or fails in whatever way: it is the user's. */
    private boolean allocate(int slot, int first, int count) {
        ByteBuf slab = null;
        ReceiveBuffer[] cut;
        try {
            slab = pool.allocate(count * bufferSize);
            if (slab == null) {
                return false;
            }
            cut = cut(slab, first, count);
        } catch (Throwable cause) { // Netty's limit on direct memory is an error as well
            ReferenceCountUtil.safeRelease(slab);
            if (failures.get() == 0) {
                LOGGER.warn("No receive memory; reading goes on with the buffers that come back", cause);
            }
            return false;
        }
        slabs[slot] = slab;
        add(cut);
        return true;
    }

    private ReceiveBuffer[] cut(ByteBuf slab, int first, int count) {
        int bytes = count * bufferSize;
        if (!slab.isDirect() || slab.nioBufferCount() != 1 || slab.capacity() < bytes) {
            throw new IllegalStateException(
                    "receive pool " + pool + " gave " + slab + " (expected: direct, contiguous, " + bytes + " bytes)");
        }
        ByteBuffer memory = slab.nioBuffer(0, bytes).slice();
        long address = MemoryAddress.of(memory);
        ReceiveBuffer[] cut = new ReceiveBuffer[count];
        for (int i = 0; i < count; i++) {
            ByteBuffer part = memory.slice(i * bufferSize, bufferSize).order(ByteOrder.BIG_ENDIAN);
            cut[i] = new ReceiveBuffer(this, (short) (first + i), address + (long) i * bufferSize, part);
            if (Poison.ENABLED) {
                Poison.fill(part);
            }
        }
        return cut;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes it
    private void add(ReceiveBuffer[] more) {
        for (int i = more.length - 1; i >= 0; i--) {
            buffers[more[i].id] = more[i];
            free.addFirst(more[i]);
        }
        census.added(more.length);
        allocated += more.length;
    }

    /** Takes back a buffer that is {@link BufferState#RETURNING}. Any thread. */
    void giveBack(ReceiveBuffer buffer) {
        clear(buffer);
        if (isOnLoop()) {
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

    /** By whoever releases it, since from then on nobody has it. */
    private void clear(ReceiveBuffer buffer) {
        if (Poison.ENABLED) {
            Poison.fill(buffer.memory);
        } else if (scrubOnRelease) {
            Poison.scrub(buffer.memory, buffer.written());
        }
    }

    boolean hasReturned() {
        ReceiveBuffer head = returned;
        return head != null && head != CLOSED;
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

    void forEach(Consumer<ReceiveBuffer> action) {
        for (ReceiveBuffer buffer : buffers) {
            if (buffer != null) {
                action.accept(buffer);
            }
        }
    }

    /** How many bytes of the buffers that the kernel is done with somebody still has. */
    long bytesInPipeline() {
        long bytes = 0;
        for (ReceiveBuffer buffer : buffers) {
            if (buffer != null && buffer.state() == BufferState.PIPELINE) {
                bytes += buffer.bytesInPipeline();
            }
        }
        return bytes;
    }

    /** Gives slabs back of which every buffer is free, as long as {@code keep} free buffers are left. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes it
    void trim(int keep) {
        for (int slot = slabs.length - 1; slot >= 0; slot--) {
            int first = slot * buffersASlab;
            int end = Math.min(first + buffersASlab, buffers.length);
            if (slabs[slot] != null && free.size() - (end - first) >= keep && allFree(first, end)) {
                free.removeIf(buffer -> buffer.id >= first && buffer.id < end);
                giveBackSlab(slot);
                for (int id = first; id < end; id++) {
                    buffers[id] = null;
                }
                census.added(first - end);
                allocated -= end - first;
            }
        }
    }

    /** To the pool: its buffers are all free. */
    private void giveBackSlab(int slot) {
        if (Poison.ENABLED) {
            int first = slot * buffersASlab;
            for (int id = first; id < Math.min(first + buffersASlab, buffers.length); id++) {
                checkUntouched(buffers[id]);
            }
        }
        ByteBuf slab = slabs[slot];
        slabs[slot] = null;
        ReferenceCountUtil.safeRelease(slab); // it is the user's, and may throw
    }

    /** Whether more slabs are mapped than so many buffers need. */
    boolean isMoreThanASlabBeyond(int count) {
        return allocated >= count + buffersASlab;
    }

    private boolean allFree(int first, int end) {
        for (int id = first; id < end; id++) {
            if (buffers[id].state() != BufferState.FREE) {
                return false;
            }
        }
        return true;
    }

    /** The loop is gone, and the kernel has no buffer any more. What is in the pipeline may come back whenever it likes. */
    void close() {
        loopThread = null;
        freeAll((ReceiveBuffer) RETURNED.getAndSet(this, CLOSED));
        settled(awaited.addAndGet(allocated - free.size()));
    }

    private void settled(int stillOut) {
        if (stillOut == 0) {
            for (int slot = 0; slot < slabs.length; slot++) {
                if (slabs[slot] != null) {
                    giveBackSlab(slot);
                }
            }
            over = true;
        }
    }

    /** Whether all is over: closed, every buffer back, and every slab with its pool. */
    boolean isOver() {
        return over;
    }
}
