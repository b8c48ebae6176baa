// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/** A buffer whose memory is overwritten when it is released, so that whoever still sends from it sends that. */
final class ScribbledBuffer extends UnpooledDirectByteBuf {
    ScribbledBuffer(int capacity) {
        super(UnpooledByteBufAllocator.DEFAULT, capacity, capacity);
    }

    @Override
    protected void deallocate() {
        for (int i = 0; i < capacity(); i++) {
            _setByte(i, 0xdd);
        }
        super.deallocate();
    }
}
