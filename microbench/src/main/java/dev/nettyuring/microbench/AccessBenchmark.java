// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ByteProcessor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What codecs do with a buffer of 1 KiB, each over all of it unless its name says otherwise. */
@State(Scope.Thread)
public class AccessBenchmark extends BufferBenchmark {
    private static final int BYTES = 1024;
    private static final int FEW = 16;
    private static final int BUFS = 8;

    /** Whose buffers. */
    public enum Kind {
        /** A piece that was received. */
        RECEIVED,
        /** One of our allocator. */
        URING,
        /** One of Netty's pooled allocator. */
        POOLED,
        /** One of Netty's adaptive allocator. */
        ADAPTIVE
    }

    /** Whose buffers. */
    @Param
    public Kind kind;

    private final byte[] array = new byte[BYTES];
    private final ByteBuffer direct = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuf heap =
            UnpooledByteBufAllocator.DEFAULT.heapBuffer(BYTES).writeZero(BYTES);
    /** Used in turn: whether two addresses get in each other's way in the processor's cache is a matter of luck. */
    private final ByteBuf[] bufs = new ByteBuf[BUFS];

    private int used;
    private Receiver receiver;
    private ByteBuf other;

    /** Makes buffers of that kind. */
    @Setup
    public void setUp() throws IOException {
        if (kind == Kind.RECEIVED) {
            receiver = new Receiver(2, BYTES, true);
        }
        for (int i = 0; i < BUFS; i++) {
            bufs[i] = newBuf();
        }
        other = newBuf();
    }

    private ByteBuf newBuf() {
        ByteBuf buf = kind == Kind.RECEIVED
                ? receiver.take(UnpooledByteBufAllocator.DEFAULT)
                : Allocator.valueOf(kind.name()).get().directBuffer(BYTES);
        return buf.clear().writeZero(BYTES);
    }

    /** Releases them. */
    @TearDown
    public void tearDown() {
        for (ByteBuf buf : bufs) {
            buf.release();
        }
        other.release();
        if (receiver != null) {
            receiver.close();
        }
    }

    private ByteBuf next() {
        return bufs[used++ & (BUFS - 1)];
    }

    /** Byte by byte. */
    @Benchmark
    public int getByte() {
        ByteBuf buf = next();
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += buf.getByte(i);
        }
        return sum;
    }

    /** Byte by byte. */
    @Benchmark
    public void writeByte() {
        ByteBuf buf = next().clear();
        for (int i = 0; i < BYTES; i++) {
            buf.writeByte(i);
        }
    }

    /** By four. */
    @Benchmark
    public int readInt() {
        ByteBuf buf = next().readerIndex(0);
        int sum = 0;
        for (int i = 0; i < BYTES; i += Integer.BYTES) {
            sum += buf.readInt();
        }
        return sum;
    }

    /** By eight. */
    @Benchmark
    public void setLong() {
        ByteBuf buf = next();
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            buf.setLong(i, i);
        }
    }

    /** From an array. */
    @Benchmark
    public ByteBuf writeBytesArray() {
        return next().clear().writeBytes(array);
    }

    /** 16 bytes at a time from an array. */
    @Benchmark
    public ByteBuf writeBytesFew() {
        ByteBuf buf = next().clear();
        for (int i = 0; i < BYTES; i += FEW) {
            buf.writeBytes(array, i, FEW);
        }
        return buf;
    }

    /** Into an array. */
    @Benchmark
    public ByteBuf getBytesArray() {
        return next().getBytes(0, array);
    }

    /** From a buffer of the same kind. */
    @Benchmark
    public ByteBuf setBytesSame() {
        return next().setBytes(0, other, 0, BYTES);
    }

    /** From a heap buffer. */
    @Benchmark
    public ByteBuf setBytesHeap() {
        return next().setBytes(0, heap, 0, BYTES);
    }

    /** Into a buffer that is none of ours. */
    @Benchmark
    public ByteBuf getBytesHeap() {
        return next().getBytes(0, heap, 0, BYTES);
    }

    /** From a direct ByteBuffer. */
    @Benchmark
    public ByteBuf setBytesByteBuffer() {
        return next().setBytes(0, direct.clear());
    }

    /** Into a direct ByteBuffer. */
    @Benchmark
    public ByteBuf getBytesByteBuffer() {
        return next().getBytes(0, direct.clear());
    }

    /** As a decoder looks for the end of a line, which is not there. */
    @Benchmark
    public int forEachByte() {
        return next().forEachByte(0, BYTES, ByteProcessor.FIND_LF);
    }

    /** The same by another way. */
    @Benchmark
    public int indexOf() {
        return next().indexOf(0, BYTES, (byte) '\n');
    }

    /** With one of the same kind. */
    @Benchmark
    public boolean compare() {
        return ByteBufUtil.equals(next(), 0, other, 0, BYTES);
    }

    /** Of a short text. */
    @Benchmark
    public int writeAscii() {
        return ByteBufUtil.writeAscii(next().clear(), "Content-Type: text/plain");
    }

    /** As a transport needs it. */
    @Benchmark
    public ByteBuffer internalNioBuffer() {
        return next().internalNioBuffer(0, BYTES);
    }

    /** A view of one's own. */
    @Benchmark
    public int retainedSlice() {
        ByteBuf slice = next().retainedSlice(FEW, FEW);
        int first = slice.getByte(0);
        slice.release();
        return first;
    }
}
