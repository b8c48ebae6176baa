// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/** The allocators that are compared: ours and Netty's. For direct buffers. */
public enum Allocator {
    /** {@link UringByteBufAllocator}. */
    URING(UringByteBufAllocator.DEFAULT),
    /** {@link PooledByteBufAllocator}. */
    POOLED(PooledByteBufAllocator.DEFAULT),
    /** {@link AdaptiveByteBufAllocator}. */
    ADAPTIVE(new AdaptiveByteBufAllocator(true));

    private final ByteBufAllocator alloc;

    Allocator(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    ByteBufAllocator get() {
        return alloc;
    }
}
