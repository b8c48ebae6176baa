// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A direct buffer of a {@link UringByteBufAllocator}. It grows in place while its block has room, and moves to a larger one
 * then. Shrinking keeps the block.
 *
 * <p>Whoever allocates the block next gets the same object with it, so that both are pooled by one and the same step.
 */
final class AllocatedByteBuf extends MappedByteBuf {
    private final UringByteBufAllocator alloc;
    private Block block;
    /** Of the block, in bytes; known when the block is gone, since a released buffer may still be asked what it can take. */
    private int blockSize;

    private AllocatedByteBuf(UringByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    static AllocatedByteBuf newInstance(UringByteBufAllocator alloc, int capacity, int maxCapacity) {
        Block block = alloc.allocate(capacity);
        AllocatedByteBuf buf = block.buf;
        if (buf == null) {
            buf = new AllocatedByteBuf(alloc);
            block.buf = buf;
        }
        buf.block = block;
        buf.blockSize = block.size;
        buf.begin(block.memory, block.offset, capacity, block.address, maxCapacity);
        return buf;
    }

    @Override
    protected void deallocate() {
        Block block = this.block;
        this.block = null;
        end();
        block.free(); // the buffer is somebody else's from here on
    }

    @Override
    public int maxFastWritableBytes() {
        return Math.min(blockSize, maxCapacity()) - writerIndex();
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity > blockSize) {
            move(newCapacity);
        } else {
            resize(newCapacity);
        }
        return this;
    }

    private void move(int newCapacity) {
        Block from = block;
        Block to = alloc.allocate(newCapacity);
        to.memory.put(to.offset, from.memory, from.offset, capacity());
        from.buf = to.buf;
        to.buf = this;
        block = to;
        blockSize = to.size;
        place(to.memory, to.offset, newCapacity, to.address);
        from.free();
    }

    @Override
    public ByteBufAllocator alloc() {
        return alloc;
    }
}
