// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.Recycler;

/**
 * A direct buffer of a {@link UringByteBufAllocator}. It grows in place while its block has room, and moves to a larger one
 * then. Shrinking keeps the block.
 */
final class AllocatedByteBuf extends MappedByteBuf {
    private static final Recycler<AllocatedByteBuf> RECYCLER = new Recycler<>() {
        @Override
        protected AllocatedByteBuf newObject(Handle<AllocatedByteBuf> handle) {
            return new AllocatedByteBuf((EnhancedHandle<AllocatedByteBuf>) handle);
        }
    };

    private final Recycler.EnhancedHandle<AllocatedByteBuf> handle;
    private UringByteBufAllocator alloc;
    private Block block;
    /** Of the block, in bytes; known when the block is gone, since a released buffer may still be asked what it can take. */
    private int blockSize;

    private AllocatedByteBuf(Recycler.EnhancedHandle<AllocatedByteBuf> handle) {
        this.handle = handle;
    }

    static AllocatedByteBuf newInstance(UringByteBufAllocator alloc, int capacity, int maxCapacity) {
        Block block = alloc.allocate(capacity);
        AllocatedByteBuf buf = RECYCLER.get();
        buf.alloc = alloc;
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
        block.free();
        handle.unguardedRecycle(this); // whoever gets here had the last reference, so it is done once
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
