// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/** What is readable of somebody else's buffer, for as long as it is not released; then its owner is told. Of fixed size. */
public final class LentByteBuf extends MappedByteBuf {
    private final ByteBuf owners;
    private final Runnable returned;

    /**
     * Holds a reference to the buffer, which must not change meanwhile.
     *
     * @param owners direct, in one piece
     * @param returned called when the last reference is released, on the thread that does that
     */
    public LentByteBuf(ByteBuf owners, Runnable returned) {
        this.owners = owners.retain();
        this.returned = returned;
        int length = owners.readableBytes();
        ByteBuffer memory = owners.nioBuffer(owners.readerIndex(), length);
        begin(memory, memory.position(), length, MemoryAddress.of(memory), length);
        writerIndex(length);
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        throw new UnsupportedOperationException("the memory is somebody else's and keeps its size");
    }

    @Override
    public ByteBufAllocator alloc() {
        return owners.alloc();
    }

    @Override
    protected void deallocate() {
        end();
        try {
            owners.release();
        } finally {
            returned.run();
        }
    }
}
