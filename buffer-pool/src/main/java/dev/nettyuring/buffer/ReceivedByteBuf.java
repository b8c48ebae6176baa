// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.Recycler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;

/**
 * Bytes as the kernel received them, in the memory it wrote them to. Its capacity is their number, so nothing that was not
 * received can be read through it, and nothing written through it reaches what the kernel writes next.
 *
 * <p>It may grow, as any of Netty's receive buffers may: it then moves to memory from its {@link #alloc()}, and the kernel's
 * goes back. Shrinking keeps the memory.
 */
final class ReceivedByteBuf extends AbstractReferenceCountedByteBuf {
    private static final int STREAM_CHUNK = 8192;
    private static final Recycler<ReceivedByteBuf> RECYCLER = new Recycler<>() {
        @Override
        protected ReceivedByteBuf newObject(Handle<ReceivedByteBuf> handle) {
            return new ReceivedByteBuf(handle);
        }
    };

    private final Recycler.Handle<ReceivedByteBuf> handle;
    private ByteBufAllocator alloc;
    /** Where the bytes are, unless {@link #moved}. */
    private ReceiveBuffer buffer;
    /** Holds the bytes once they outgrew the kernel's memory; {@code null} before. */
    private ByteBuf moved;

    private ByteBuffer memory;
    private int offset;
    private int capacity;
    private ByteBuffer internal;

    private ReceivedByteBuf(Recycler.Handle<ReceivedByteBuf> handle) {
        super(Integer.MAX_VALUE);
        this.handle = handle;
    }

    static ByteBuf newInstance(ReceiveBuffer buffer, int offset, int length, ByteBufAllocator alloc) {
        ReceivedByteBuf buf = RECYCLER.get();
        buffer.retain();
        buf.resetRefCnt();
        buf.buffer = buffer;
        buf.memory = buffer.memory;
        buf.offset = offset;
        buf.capacity = length;
        buf.alloc = alloc;
        buf.setIndex(0, 0).markReaderIndex().markWriterIndex();
        return LeakTracking.track(buf.writerIndex(length));
    }

    @Override
    protected void deallocate() {
        ByteBuf moved = this.moved;
        ReceiveBuffer buffer = this.buffer;
        this.moved = null;
        this.buffer = null;
        memory = null;
        internal = null;
        if (moved != null) {
            moved.release();
        } else {
            buffer.release();
        }
        handle.recycle(this);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity > capacity) {
            move(newCapacity);
        } else if (newCapacity < capacity) {
            trimIndicesToCapacity(newCapacity);
            capacity = newCapacity;
        }
        return this;
    }

    private void move(int newCapacity) {
        ByteBuf target = alloc.directBuffer(newCapacity, newCapacity);
        target.setBytes(0, this, 0, capacity);
        if (moved != null) {
            moved.release();
        } else {
            buffer.release();
            buffer = null;
        }
        moved = target;
        // one view of our own: internalNioBuffer() of the target is one that its owner may move
        memory = target.nioBuffer(0, newCapacity);
        offset = 0;
        capacity = newCapacity;
        internal = null;
    }

    @Override
    public ByteBufAllocator alloc() {
        return alloc;
    }

    @Override
    @Deprecated
    public ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }

    @Override
    public ByteBuf unwrap() {
        return null;
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public boolean isContiguous() {
        return true;
    }

    @Override
    public boolean hasArray() {
        return false;
    }

    @Override
    public byte[] array() {
        throw new UnsupportedOperationException("direct buffer");
    }

    @Override
    public int arrayOffset() {
        throw new UnsupportedOperationException("direct buffer");
    }

    @Override
    public boolean hasMemoryAddress() {
        return moved == null || moved.hasMemoryAddress();
    }

    @Override
    public long memoryAddress() {
        ensureAccessible();
        return moved == null ? buffer.address + offset : moved.memoryAddress();
    }

    @Override
    protected byte _getByte(int index) {
        return memory.get(offset + index);
    }

    @Override
    protected short _getShort(int index) {
        return memory.getShort(offset + index);
    }

    @Override
    protected short _getShortLE(int index) {
        return Short.reverseBytes(_getShort(index));
    }

    @Override
    protected int _getUnsignedMedium(int index) {
        return ((_getByte(index) & 0xff) << 16) | (_getShort(index + 1) & 0xffff);
    }

    @Override
    protected int _getUnsignedMediumLE(int index) {
        return (_getByte(index) & 0xff) | ((_getShortLE(index + 1) & 0xffff) << 8);
    }

    @Override
    protected int _getInt(int index) {
        return memory.getInt(offset + index);
    }

    @Override
    protected int _getIntLE(int index) {
        return Integer.reverseBytes(_getInt(index));
    }

    @Override
    protected long _getLong(int index) {
        return memory.getLong(offset + index);
    }

    @Override
    protected long _getLongLE(int index) {
        return Long.reverseBytes(_getLong(index));
    }

    @Override
    protected void _setByte(int index, int value) {
        memory.put(offset + index, (byte) value);
    }

    @Override
    protected void _setShort(int index, int value) {
        memory.putShort(offset + index, (short) value);
    }

    @Override
    protected void _setShortLE(int index, int value) {
        _setShort(index, Short.reverseBytes((short) value));
    }

    @Override
    protected void _setMedium(int index, int value) {
        _setByte(index, value >>> 16);
        _setShort(index + 1, value);
    }

    @Override
    protected void _setMediumLE(int index, int value) {
        _setByte(index, value);
        _setShortLE(index + 1, value >>> 8);
    }

    @Override
    protected void _setInt(int index, int value) {
        memory.putInt(offset + index, value);
    }

    @Override
    protected void _setIntLE(int index, int value) {
        _setInt(index, Integer.reverseBytes(value));
    }

    @Override
    protected void _setLong(int index, long value) {
        memory.putLong(offset + index, value);
    }

    @Override
    protected void _setLongLE(int index, long value) {
        _setLong(index, Long.reverseBytes(value));
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf dst, int dstIndex, int length) {
        checkDstIndex(index, length, dstIndex, dst.capacity());
        if (dst.hasArray()) {
            memory.get(offset + index, dst.array(), dst.arrayOffset() + dstIndex, length);
        } else {
            dst.setBytes(dstIndex, view(index, length));
        }
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] dst, int dstIndex, int length) {
        checkDstIndex(index, length, dstIndex, dst.length);
        memory.get(offset + index, dst, dstIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer dst) {
        checkIndex(index, dst.remaining());
        dst.put(view(index, dst.remaining()));
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream out, int length) throws IOException {
        checkIndex(index, length);
        byte[] chunk = new byte[Math.min(length, STREAM_CHUNK)];
        for (int done = 0; done < length; ) {
            int count = Math.min(chunk.length, length - done);
            memory.get(offset + index + done, chunk, 0, count);
            out.write(chunk, 0, count);
            done += count;
        }
        return this;
    }

    @Override
    public int getBytes(int index, GatheringByteChannel out, int length) throws IOException {
        checkIndex(index, length);
        return out.write(view(index, length));
    }

    @Override
    public int getBytes(int index, FileChannel out, long position, int length) throws IOException {
        checkIndex(index, length);
        return out.write(view(index, length), position);
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf src, int srcIndex, int length) {
        checkSrcIndex(index, length, srcIndex, src.capacity());
        if (src.hasArray()) {
            memory.put(offset + index, src.array(), src.arrayOffset() + srcIndex, length);
        } else {
            src.getBytes(srcIndex, view(index, length));
        }
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] src, int srcIndex, int length) {
        checkSrcIndex(index, length, srcIndex, src.length);
        memory.put(offset + index, src, srcIndex, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer src) {
        checkIndex(index, src.remaining());
        view(index, src.remaining()).put(src);
        return this;
    }

    @Override
    public int setBytes(int index, InputStream in, int length) throws IOException {
        checkIndex(index, length);
        byte[] chunk = new byte[Math.min(length, STREAM_CHUNK)];
        int count = in.read(chunk);
        if (count > 0) {
            memory.put(offset + index, chunk, 0, count);
        }
        return count;
    }

    @Override
    public int setBytes(int index, ScatteringByteChannel in, int length) throws IOException {
        checkIndex(index, length);
        try {
            return in.read(view(index, length));
        } catch (ClosedChannelException closed) {
            return -1; // as every ByteBuf does
        }
    }

    @Override
    public int setBytes(int index, FileChannel in, long position, int length) throws IOException {
        checkIndex(index, length);
        try {
            return in.read(view(index, length), position);
        } catch (ClosedChannelException closed) {
            return -1; // as every ByteBuf does
        }
    }

    @Override
    public ByteBuf copy(int index, int length) {
        checkIndex(index, length);
        return alloc.directBuffer(length, maxCapacity()).writeBytes(this, index, length);
    }

    @Override
    public int nioBufferCount() {
        return 1;
    }

    @Override
    public ByteBuffer nioBuffer(int index, int length) {
        checkIndex(index, length);
        return memory.slice(offset + index, length);
    }

    @Override
    public ByteBuffer[] nioBuffers(int index, int length) {
        return new ByteBuffer[] {nioBuffer(index, length)};
    }

    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
        checkIndex(index, length);
        if (internal == null) {
            internal = memory.duplicate();
        }
        return internal.limit(offset + index + length).position(offset + index);
    }

    /** A view that is used up at once; not the cached one, since several threads may read one buffer. */
    private ByteBuffer view(int index, int length) {
        return memory.duplicate().limit(offset + index + length).position(offset + index);
    }
}
