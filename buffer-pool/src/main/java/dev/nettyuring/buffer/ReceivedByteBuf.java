// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Bytes as the kernel received them, in the memory it wrote them to. Its capacity is their number, so nothing that was not
 * received can be read through it, and nothing written through it reaches what the kernel writes next.
 *
 * <p>It may grow, as any of Netty's receive buffers may: it then moves to memory from its {@link #alloc()}, and the kernel's
 * goes back. Shrinking keeps the memory.
 */
final class ReceivedByteBuf extends MappedByteBuf {
    private final ReceiveBuffers home;
    private ByteBufAllocator alloc;
    /** Where the bytes are, unless {@link #moved}. */
    private ReceiveBuffer buffer;

    private int received;
    /** Holds the bytes once they outgrew the kernel's memory; {@code null} before. */
    private ByteBuf moved;

    private ReceivedByteBuf(ReceiveBuffers home) {
        this.home = home;
    }

    static ByteBuf newInstance(ReceiveBuffer buffer, int offset, int length, ByteBufAllocator alloc) {
        ReceivedByteBuf idle = buffer.home.idlePieces().take();
        ReceivedByteBuf buf = idle != null ? idle : new ReceivedByteBuf(buffer.home);
        buffer.retain(length);
        buf.buffer = buffer;
        buf.received = length;
        buf.alloc = alloc;
        buf.begin(buffer.memory, offset, length, buffer.address + offset, Integer.MAX_VALUE);
        return LeakTracking.track(buf.writerIndex(length));
    }

    @Override
    protected void deallocate() {
        ByteBuf moved = this.moved;
        ReceiveBuffer buffer = this.buffer;
        this.moved = null;
        this.buffer = null;
        end();
        if (moved != null) {
            moved.release();
        } else {
            buffer.release(received);
        }
        if (home.isOnLoop()) {
            home.idlePieces().giveBack(this);
        }
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity > capacity()) {
            move(newCapacity);
        } else if (newCapacity < capacity()) {
            resize(newCapacity);
        }
        return this;
    }

    private void move(int newCapacity) {
        ByteBuf target = alloc.directBuffer(newCapacity, newCapacity);
        target.setBytes(0, this, 0, capacity());
        if (moved != null) {
            moved.release();
        } else {
            buffer.release(received);
            buffer = null;
        }
        moved = target;
        // one view of our own: internalNioBuffer() of the target is one that its owner may move
        long address = target.hasMemoryAddress() ? target.memoryAddress() : NO_ADDRESS;
        place(target.nioBuffer(0, newCapacity), 0, newCapacity, address);
    }

    @Override
    public ByteBufAllocator alloc() {
        return alloc;
    }
}
