// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/** A slab of which pages are taken and given back. Guarded by its {@link SlabPool}. */
final class PagedSlab {
    /** In bytes. */
    static final int PAGE = 4096;
    /** No page. */
    static final int NONE = -1;

    private final Slab slab;
    private final ByteBuffer memory;
    private final BitSet taken = new BitSet();
    private final int pages;
    private int freePages;

    PagedSlab(Slab slab) {
        this.slab = slab;
        memory = slab.buffer().duplicate().order(ByteOrder.BIG_ENDIAN);
        pages = slab.length() / PAGE;
        freePages = pages;
    }

    /** All of it, in big-endian order; absolute accesses only. */
    ByteBuffer memory() {
        return memory;
    }

    long address() {
        return slab.address();
    }

    /** Whether no page is taken. */
    boolean isIdle() {
        return freePages == pages;
    }

    /** Takes {@code count} pages in a row. Returns the first, or {@link #NONE}. */
    int take(int count) {
        if (count > freePages) {
            return NONE;
        }
        int first = firstGap(count);
        if (first != NONE) {
            taken.set(first, first + count);
            freePages -= count;
        }
        return first;
    }

    private int firstGap(int count) {
        for (int first = taken.nextClearBit(0); first + count <= pages; ) {
            int end = taken.nextSetBit(first);
            if (end < 0 || end - first >= count) {
                return first;
            }
            first = taken.nextClearBit(end);
        }
        return NONE;
    }

    void giveBack(int first, int count) {
        taken.clear(first, first + count);
        freePages += count;
    }

    /** Nobody may have a page of it. */
    void unmap() {
        slab.close();
    }
}
