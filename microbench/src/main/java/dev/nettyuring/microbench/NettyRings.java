// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.uring.IoUringAdaptiveBufferRingAllocator;
import io.netty.channel.uring.IoUringBufferRingAllocator;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;

/** Netty's io_uring with rings of provided buffers. */
final class NettyRings {
    /** The id of the only group of buffers. */
    static final short GROUP = 0;

    private static final short FEW = 16;
    private static final int FEW_BUFFER_SIZE = 128 << 10;
    private static final short MANY = 128;

    private NettyRings() {}

    static IoHandlerFactory none(boolean zeroed) {
        return IoUringIoHandler.newFactory();
    }

    static IoHandlerFactory fixed(boolean zeroed) {
        return ring(FEW, new IoUringFixedBufferRingAllocator(FEW_BUFFER_SIZE), zeroed);
    }

    static IoHandlerFactory adaptive(boolean zeroed) {
        return ring(MANY, new IoUringAdaptiveBufferRingAllocator(), zeroed);
    }

    private static IoHandlerFactory ring(short entries, IoUringBufferRingAllocator allocator, boolean zeroed) {
        return IoUringIoHandler.newFactory(new IoUringIoHandlerConfig()
                .setBufferRingConfig(IoUringBufferRingConfig.builder()
                        .bufferGroupId(GROUP)
                        .bufferRingSize(entries)
                        .batchSize(entries)
                        .allocator(zeroed ? new Zeroing(allocator) : allocator)
                        .build()));
    }

    /** Each buffer is zeroed, all of it, before the kernel gets it. */
    private record Zeroing(IoUringBufferRingAllocator allocator) implements IoUringBufferRingAllocator {
        @Override
        public ByteBuf allocate() {
            return ZeroingReceiveAllocator.zero(allocator.allocate());
        }

        @Override
        public void lastBytesRead(int attempted, int actual) {
            allocator.lastBytesRead(attempted, actual);
        }
    }
}
