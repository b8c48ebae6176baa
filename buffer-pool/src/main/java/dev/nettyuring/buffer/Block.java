// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.nio.ByteBuffer;

/** Memory that one {@link AllocatedByteBuf} has to itself. */
abstract class Block {
    /** What the block is a part of, in big-endian order. */
    final ByteBuffer memory;

    final int offset;
    /** In bytes. */
    final int size;
    /** Of the first byte, or {@link MappedByteBuf#NO_ADDRESS}. */
    final long address;
    /** Over this block whenever it is in use; {@code null} before it first is. */
    AllocatedByteBuf buf;

    Block(ByteBuffer memory, int offset, int size, long address) {
        this.memory = memory;
        this.offset = offset;
        this.size = size;
        this.address = address;
    }

    /** Whoever had it has done with it. Any thread. */
    abstract void free();
}
