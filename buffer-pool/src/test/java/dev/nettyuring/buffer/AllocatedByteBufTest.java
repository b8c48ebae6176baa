// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufTest;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Netty demands of every ByteBuf. */
class AllocatedByteBufTest extends AbstractByteBufTest {
    private final UringByteBufAllocator alloc = UringByteBufAllocator.DEFAULT;

    @Override
    protected ByteBuf newBuffer(int capacity, int maxCapacity) {
        ByteBuf buf = alloc.directBuffer(capacity, maxCapacity);
        assertThat(buf.capacity()).isEqualTo(capacity);
        assertThat(buf.maxCapacity()).isEqualTo(maxCapacity);
        return buf;
    }

    @AfterEach
    @Override
    public void dispose() {
        super.dispose();
        assertThat(alloc.buffersBeyondLimit()).isZero();
    }

    @Override
    @Test
    public void testMaxFastWritableBytes() {
        ByteBuf buf = newBuffer(150, 500).writerIndex(100);
        int blockSize = 160;
        assertThat(buf.writableBytes()).isEqualTo(50);
        assertThat(buf.maxFastWritableBytes()).isEqualTo(blockSize - 100);
        long address = buf.memoryAddress();
        buf.writeZero(blockSize - 100);
        assertThat(buf.memoryAddress()).isEqualTo(address);
        assertThat(buf.maxFastWritableBytes()).isZero();
        buf.writeByte(7);
        assertThat(buf.memoryAddress()).isNotEqualTo(address);
        buf.capacity(500);
        assertThat(buf.maxFastWritableBytes()).isEqualTo(500 - buf.writerIndex());
        buf.release();
    }

    @Test
    void aReleasedBufferMayBeAskedWhatItCanTake() {
        ByteBuf buf = newBuffer(150, 500).writerIndex(100);
        buf.release();
        assertThat(buf.maxFastWritableBytes()).isEqualTo(60);
    }

    @Test
    void ensureWritableGrowsNoFurtherThanTheBlockIfThatIsEnough() {
        ByteBuf buf = newBuffer(150, 500).writerIndex(100);
        long address = buf.memoryAddress();
        buf.ensureWritable(51);
        assertThat(buf.capacity()).isEqualTo(160);
        assertThat(buf.memoryAddress()).isEqualTo(address);
        buf.release();
    }

    @Test
    void movingKeepsTheBytesIndicesAndMarks() {
        ByteBuf buf = newBuffer(64, 1 << 22).setIndex(3, 60);
        for (int i = 0; i < 64; i++) {
            buf.setByte(i, i);
        }
        buf.readByte();
        buf.markReaderIndex();
        for (int capacity = 100; capacity < 1 << 22; capacity *= 3) {
            buf.capacity(capacity);
            assertThat(buf.readerIndex()).isEqualTo(4);
            assertThat(buf.writerIndex()).isEqualTo(60);
            for (int i = 0; i < 64; i++) {
                assertThat(buf.getByte(i)).isEqualTo((byte) i);
            }
        }
        buf.readByte();
        assertThat(buf.resetReaderIndex().readerIndex()).isEqualTo(4);
        buf.release();
    }
}
