// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/**
 * Pages in a row that are cut into blocks of one size, each when it is first needed. Guarded by the {@link SlabPool}, except
 * for what is final.
 */
final class Run {
    /** As many blocks as fit into this make a run, and at least one. */
    static final int TARGET_BYTES = 64 << 10;

    final PagedSlab slab;
    final int sizeClass;
    private final int firstPage;
    private final int blockSize;
    private final int blocks;
    private PooledBlock free;
    private int cut;
    private int out;

    private Run(PagedSlab slab, int firstPage, int sizeClass, int blockSize, int blocks) {
        this.slab = slab;
        this.firstPage = firstPage;
        this.sizeClass = sizeClass;
        this.blockSize = blockSize;
        this.blocks = blocks;
    }

    /** A run in the pages that {@code slab} has free, or {@code null} if those are too few. */
    static Run in(PagedSlab slab, int sizeClass) {
        int blockSize = SizeClasses.bytes(sizeClass);
        int blocks = Math.max(1, TARGET_BYTES / blockSize);
        int firstPage = slab.take(pages(blocks * blockSize));
        return firstPage == PagedSlab.NONE ? null : new Run(slab, firstPage, sizeClass, blockSize, blocks);
    }

    private static int pages(int bytes) {
        return (bytes + PagedSlab.PAGE - 1) / PagedSlab.PAGE;
    }

    boolean isExhausted() {
        return out == blocks;
    }

    boolean isWhole() {
        return out == 0;
    }

    /** A free block: there must be one. */
    PooledBlock take() {
        out++;
        PooledBlock block = free;
        if (block == null) {
            return new PooledBlock(this, firstPage * PagedSlab.PAGE + cut++ * blockSize, blockSize);
        }
        free = block.next;
        return block;
    }

    void giveBack(PooledBlock block) {
        out--;
        block.arena = null;
        block.next = free;
        free = block;
    }

    /** Gives the pages back to the slab. No block may be out. */
    void dissolve() {
        slab.giveBack(firstPage, pages(blocks * blockSize));
    }
}
