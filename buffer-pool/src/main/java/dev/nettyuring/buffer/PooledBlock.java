// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/** One of the blocks that a {@link Run} is cut into. */
final class PooledBlock extends Block {
    final Run run;
    /** Where it goes when it is freed: the arena that took it from the pool. */
    Arena arena;
    /** Links free blocks. */
    PooledBlock next;

    PooledBlock(Run run, int offset, int size) {
        super(run.slab.memory(), offset, size, run.slab.address() + offset);
        this.run = run;
    }

    /** Nobody's: one that only marks something. */
    PooledBlock() {
        super(null, 0, 0, MappedByteBuf.NO_ADDRESS);
        run = null;
    }

    @Override
    void free() {
        arena.release(this);
    }

    /** How many blocks are linked from {@code head} on. */
    static int count(PooledBlock head) {
        int count = 0;
        for (PooledBlock block = head; block != null; block = block.next) {
            count++;
        }
        return count;
    }
}
