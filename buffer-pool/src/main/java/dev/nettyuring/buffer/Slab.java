// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A piece of mapped memory that buffers are cut from. All slabs of the process are known by their addresses, so that who
 * sends something can tell that it lies in one, and send it as a registered buffer; the slab's {@link #index()} is its place
 * in every ring's table of those.
 */
public final class Slab implements AutoCloseable {
    /** Slabs lie at multiples of this, in bytes. */
    public static final int GRANULE = 1 << 20;
    /** Slabs of huge pages lie at multiples of one, in bytes. */
    public static final int HUGE_PAGE = 2 << 20;

    private static final SlabTable MAPPED = new SlabTable(GRANULE);
    /** Guards itself. */
    private static final BitSet INDICES_IN_USE = new BitSet();

    private static final AtomicInteger CLOSURES = new AtomicInteger();

    /** When a slab's pages are faulted in. */
    public enum Prefault {
        /** When the slab is mapped, by the thread that needs it: some 100 microseconds a MiB, once. */
        UP_FRONT,
        /** From another thread, while the slab is in use already. */
        IN_BACKGROUND,
        /** One by one, as they are touched. */
        NEVER
    }

    private final MappedMemory memory;
    private final int index;
    /** What else is to be done when it is unmapped. */
    private final Set<Consumer<Slab>> onClose = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    private Slab(MappedMemory memory, int index) {
        this.memory = memory;
        this.index = index;
    }

    /**
     * Maps a slab.
     *
     * @param bytes a multiple of the page size
     * @param hugePages whether transparent huge pages are asked for
     * @throws IOException if the machine has no memory left
     */
    static Slab map(int bytes, Prefault prefault, boolean hugePages) throws IOException {
        MappedMemory memory = MappedMemory.aligned(bytes, hugePages ? HUGE_PAGE : GRANULE);
        if (hugePages) {
            memory.preferHugePages();
        }
        if (prefault == Prefault.UP_FRONT) {
            int result = memory.prefault();
            if (result < 0) {
                memory.close();
                throw Errno.newIOException("madvise(MADV_POPULATE_WRITE) of " + bytes + " bytes", result);
            }
        }
        Slab slab = new Slab(memory, takeIndex());
        MAPPED.add(slab);
        if (prefault == Prefault.IN_BACKGROUND) {
            ForkJoinPool.commonPool().execute(slab::prefaultIfOpen);
        }
        return slab;
    }

    /** Not while it is being unmapped, nor later, when something else may lie there. */
    private void prefaultIfOpen() {
        synchronized (memory) {
            if (!closed) {
                memory.prefault();
            }
        }
    }

    private static int takeIndex() {
        synchronized (INDICES_IN_USE) {
            int index = INDICES_IN_USE.nextClearBit(0);
            INDICES_IN_USE.set(index);
            return index;
        }
    }

    /** The slab that an address lies in, or {@code null}. Any thread. */
    public static Slab at(long address) {
        Slab slab = MAPPED.at(address);
        return slab != null && slab.contains(address) ? slab : null;
    }

    private boolean contains(long address) {
        return address >= address() && address < address() + length();
    }

    /** No other slab has it while this one is mapped; small, since the indices of unmapped slabs are given again. */
    public int index() {
        return index;
    }

    /** The first byte's address. */
    public long address() {
        return memory.address();
    }

    /** The length in bytes. */
    public int length() {
        return memory.length();
    }

    /** The memory, in native byte order; absolute accesses only. */
    ByteBuffer buffer() {
        return memory.buffer();
    }

    /** Whether it is unmapped. Any thread. */
    public boolean isClosed() {
        return closed;
    }

    /** How many have been closed so far: what was registered of those may be no longer. Any thread. */
    public static int closures() {
        return CLOSURES.get();
    }

    /** Runs {@code action} before the slab is unmapped, on the thread that does that; once, however often it is given. */
    public void onClose(Consumer<Slab> action) {
        onClose.add(action);
    }

    /** Unmaps it. Nobody may have a buffer in it. */
    @Override
    public void close() {
        synchronized (memory) {
            closed = true;
        }
        onClose.forEach(action -> action.accept(this));
        CLOSURES.incrementAndGet();
        MAPPED.remove(this);
        memory.close();
        synchronized (INDICES_IN_USE) {
            INDICES_IN_USE.clear(index);
        }
    }
}
