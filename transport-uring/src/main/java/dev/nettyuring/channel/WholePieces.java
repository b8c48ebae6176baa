// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * The {@link io.netty.channel.RecvByteBufAllocator} of channels whose user set none: pieces are read as the kernel received
 * them, up to 16 in a read loop.
 */
final class WholePieces extends DefaultMaxMessagesRecvByteBufAllocator {
    @Override
    @SuppressWarnings("deprecation") // the type is what the interface has
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return Integer.MAX_VALUE;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator alloc) {
                return alloc.ioBuffer();
            }
        };
    }
}
