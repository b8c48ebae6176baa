// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.nio.ByteOrder;

/** A block that is too large for a slab among others: it has one to itself. */
final class HugeBlock extends Block {
    final Slab slab;
    private final SlabPool pool;

    HugeBlock(Slab slab, SlabPool pool) {
        super(slab.buffer().duplicate().order(ByteOrder.BIG_ENDIAN), 0, slab.length(), slab.address());
        this.slab = slab;
        this.pool = pool;
    }

    @Override
    void free() {
        pool.giveBackHuge(this);
    }
}
