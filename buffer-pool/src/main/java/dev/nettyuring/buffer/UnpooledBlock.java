// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** A block beyond the memory limit. It is a buffer of Netty's, and lies in no slab. */
final class UnpooledBlock extends Block {
    private final ByteBuf buf;

    private UnpooledBlock(ByteBuf buf) {
        super(
                buf.nioBuffer(0, buf.capacity()),
                0,
                buf.capacity(),
                buf.hasMemoryAddress() ? buf.memoryAddress() : MappedByteBuf.NO_ADDRESS);
        this.buf = buf;
    }

    static UnpooledBlock allocate(int bytes) {
        return new UnpooledBlock(UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes));
    }

    @Override
    void free() {
        buf.release();
    }
}
