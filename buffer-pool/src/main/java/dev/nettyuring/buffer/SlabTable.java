// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The slabs of the process by their addresses, for every send that may lie in one: looking one up takes no lock, and, unlike a
 * map with {@code Long} keys, leaves no garbage. A page table of two levels, whose leaves stand for 16 GiB each and are made
 * when the first slab lies there. Any thread.
 */
final class SlabTable {
    /** Linux gives no program addresses above these bits that did not ask for them. */
    private static final int ADDRESS_BITS = 48;

    private static final int LEAF_BITS = 14;
    private static final int LEAF_SIZE = 1 << LEAF_BITS;

    private final int granuleShift;
    private final AtomicReferenceArray<AtomicReferenceArray<Slab>> leaves;

    /**
     * Empty.
     *
     * @param granuleBytes a power of two; no two slabs lie in one granule
     */
    SlabTable(int granuleBytes) {
        granuleShift = Integer.numberOfTrailingZeros(granuleBytes);
        leaves = new AtomicReferenceArray<>(1 << (ADDRESS_BITS - granuleShift - LEAF_BITS));
    }

    /** The slab in the address's granule, or {@code null}. */
    Slab at(long address) {
        long granule = address >>> granuleShift;
        long leafIndex = granule >>> LEAF_BITS;
        AtomicReferenceArray<Slab> leaf = leafIndex < leaves.length() ? leaves.getAcquire((int) leafIndex) : null;
        return leaf == null ? null : leaf.getAcquire((int) granule & (LEAF_SIZE - 1));
    }

    /** Enters a slab into all of its granules. */
    void add(Slab slab) {
        set(slab, slab);
    }

    /** Takes a slab out again, before its memory is unmapped and may be another's. */
    void remove(Slab slab) {
        set(slab, null);
    }

    private void set(Slab slab, Slab value) {
        long last = (slab.address() + slab.length() - 1) >>> granuleShift;
        for (long granule = slab.address() >>> granuleShift; granule <= last; granule++) {
            leaf((int) (granule >>> LEAF_BITS)).setRelease((int) granule & (LEAF_SIZE - 1), value);
        }
    }

    private synchronized AtomicReferenceArray<Slab> leaf(int index) {
        AtomicReferenceArray<Slab> leaf = leaves.getPlain(index);
        if (leaf == null) {
            leaf = new AtomicReferenceArray<>(LEAF_SIZE);
            leaves.setRelease(index, leaf);
        }
        return leaf;
    }
}
