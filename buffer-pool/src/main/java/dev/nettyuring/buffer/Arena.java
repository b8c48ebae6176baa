// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The free blocks that one thread allocates from and releases to, without locks. Blocks that other threads release gather on
 * a second, lock-free stack, which the owner empties when it needs blocks. When the thread ends, what is free goes to the
 * {@link SlabPool}, and what comes back later goes there, too.
 *
 * <p>All methods are for the owner's thread, unless they say otherwise. An arena without an owner is used under a lock of the
 * caller's.
 */
final class Arena {
    private static final VarHandle RETURNED;
    private static final VarHandle FREE_BYTES;
    /** Stands on the stack of returned blocks once nobody empties it any more. */
    private static final PooledBlock CLOSED = new PooledBlock();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            RETURNED = lookup.findVarHandle(Arena.class, "returned", PooledBlock.class);
            FREE_BYTES = lookup.findVarHandle(Arena.class, "freeBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SlabPool pool;
    private final long maxFreeBytes;
    /** By size class, the block that was used last on top. */
    private final PooledBlock[] free;

    private Thread owner;
    private int heededShortages;

    @SuppressWarnings("unused") // through FREE_BYTES
    private long freeBytes;

    @SuppressWarnings("unused") // through RETURNED
    private volatile PooledBlock returned;

    /**
     * @param owner releases without an atomic operation; {@code null} if the arena is everybody's
     * @param maxFreeBytes with more than that, half of what is free goes to the pool; all of it after a shortage there
     */
    Arena(SlabPool pool, Thread owner, long maxFreeBytes) {
        this.pool = pool;
        this.owner = owner;
        this.maxFreeBytes = maxFreeBytes;
        free = new PooledBlock[pool.sizeClasses()];
        heededShortages = pool.shortages();
        pool.add(this);
    }

    /** The block of that class that was free last, or {@code null} if there is no memory for another. */
    PooledBlock allocate(int sizeClass) {
        PooledBlock block = free[sizeClass];
        if (block == null) {
            block = refill(sizeClass);
            if (block == null) {
                return null;
            }
        }
        free[sizeClass] = block.next;
        block.next = null;
        addFreeBytes(-block.size);
        return block;
    }

    private PooledBlock refill(int sizeClass) {
        collectReturned();
        if (free[sizeClass] == null) {
            fetch(sizeClass);
        }
        return free[sizeClass];
    }

    private void fetch(int sizeClass) {
        free[sizeClass] = pool.take(sizeClass, this);
        addFreeBytes((long) PooledBlock.count(free[sizeClass]) * SizeClasses.bytes(sizeClass));
    }

    /** Takes back a block. Any thread. */
    void release(PooledBlock block) {
        if (Thread.currentThread() == owner) {
            toFree(block);
            trim();
            return;
        }
        PooledBlock head;
        do {
            head = (PooledBlock) RETURNED.getAcquire(this);
            if (head == CLOSED) {
                block.next = null;
                pool.giveBack(block);
                return;
            }
            block.next = head;
        } while (!RETURNED.compareAndSet(this, head, block));
    }

    private void toFree(PooledBlock block) {
        int sizeClass = block.run.sizeClass;
        block.next = free[sizeClass];
        free[sizeClass] = block;
        addFreeBytes(block.size);
    }

    /** Moves what other threads gave back to the free blocks. */
    void collectReturned() {
        if (returned != null) {
            freeAll((PooledBlock) RETURNED.getAndSet(this, null));
            trim();
        }
    }

    private void freeAll(PooledBlock head) {
        for (PooledBlock block = head; block != null; ) {
            PooledBlock next = block.next;
            toFree(block);
            block = next;
        }
    }

    private void trim() {
        int shortages = pool.shortages();
        if (shortages != heededShortages) {
            heededShortages = shortages;
            giveFree();
        } else if (freeBytes() > maxFreeBytes) {
            for (int sizeClass = 0; sizeClass < free.length; sizeClass++) {
                give(sizeClass, PooledBlock.count(free[sizeClass]) / 2);
            }
        }
    }

    /** Gives everything that is free to the pool. */
    void giveAll() {
        collectReturned();
        giveFree();
    }

    private void giveFree() {
        for (int sizeClass = 0; sizeClass < free.length; sizeClass++) {
            give(sizeClass, 0);
        }
    }

    /** Gives the blocks of a class to the pool, except for those that were used last. */
    private void give(int sizeClass, int kept) {
        PooledBlock last = null;
        PooledBlock rest = free[sizeClass];
        for (int i = 0; i < kept; i++) {
            last = rest;
            rest = rest.next;
        }
        if (rest == null) {
            return;
        }
        if (last == null) {
            free[sizeClass] = null;
        } else {
            last.next = null;
        }
        addFreeBytes((long) -PooledBlock.count(rest) * rest.size);
        pool.giveBack(rest);
    }

    /** The thread ends. What is in use may come back whenever it likes. */
    void close() {
        owner = null;
        freeAll((PooledBlock) RETURNED.getAndSet(this, CLOSED));
        giveFree();
        pool.remove(this);
    }

    /** How much is free here, without what other threads returned since blocks were last needed. Any thread. */
    long freeBytes() {
        return (long) FREE_BYTES.getOpaque(this);
    }

    private void addFreeBytes(long bytes) {
        FREE_BYTES.setOpaque(this, freeBytes() + bytes);
    }
}
