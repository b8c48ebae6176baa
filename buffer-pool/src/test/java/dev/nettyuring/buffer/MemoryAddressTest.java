// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What lies at the address that is told is what the buffer has there. */
class MemoryAddressTest {
    private static final int CAPACITY = 64;

    /** A part of a chunk of memory, as pooled buffers are, that knows its address or, as without Unsafe, does not. */
    private static ByteBuf numbered(boolean addressKnown) {
        ByteBuffer chunk = ByteBuffer.allocateDirect(3 * CAPACITY);
        ByteBuffer part = chunk.slice(CAPACITY, CAPACITY);
        ByteBuf buf = new UnpooledDirectByteBuf(UnpooledByteBufAllocator.DEFAULT, part, CAPACITY) {
            @Override
            public boolean hasMemoryAddress() {
                return addressKnown;
            }

            @Override
            public long memoryAddress() {
                return RawMemory.addressOf(this);
            }

            @Override
            public ByteBuffer internalNioBuffer(int index, int length) {
                return chunk.duplicate().position(CAPACITY + index).limit(CAPACITY + index + length);
            }
        };
        buf.clear();
        for (int i = 0; i < CAPACITY; i++) {
            buf.writeByte(i);
        }
        return buf;
    }

    private static void assertByteAt(long address, int expected) {
        assertThat(RawMemory.at(address, 1).get(0)).isEqualTo((byte) expected);
    }

    @Test
    void theAddressIsThatOfTheByteAtTheIndex() {
        for (boolean addressKnown : new boolean[] {true, false}) {
            ByteBuf buf = numbered(addressKnown);
            ByteBuf slice = buf.slice(16, 32);
            assertThat(slice.hasMemoryAddress()).isEqualTo(addressKnown);
            assertByteAt(MemoryAddress.of(buf, 0), 0);
            assertByteAt(MemoryAddress.of(buf, CAPACITY - 1), CAPACITY - 1);
            assertByteAt(MemoryAddress.of(slice, 0), 16);
            assertByteAt(MemoryAddress.of(slice, 31), 47);
            assertByteAt(MemoryAddress.of(slice.slice(4, 8), 2), 22);
            buf.release();
        }
    }

    @Test
    void aByteBuffersIsThatOfItsPosition() {
        ByteBuffer memory = ByteBuffer.allocateDirect(CAPACITY).put(7, (byte) 7).position(7);
        assertByteAt(MemoryAddress.of(memory), 7);
        assertByteAt(MemoryAddress.of(memory.slice()), 7);
    }
}
