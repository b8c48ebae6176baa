// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/** Netty's default, but each buffer that is to be read into is zeroed before, all of it. */
@SuppressWarnings("deprecation") // Netty deprecates its handles, and has nothing else
final class ZeroingReceiveAllocator extends AdaptiveRecvByteBufAllocator {
    @Override
    public Handle newHandle() {
        return new ZeroingHandle(super.newHandle());
    }

    static ByteBuf zero(ByteBuf buf) {
        return buf.setZero(buf.writerIndex(), buf.writableBytes());
    }

    private static @SuppressWarnings("deprecation") // Netty deprecates its handles, and has nothing else
    final class ZeroingHandle extends RecvByteBufAllocator.DelegatingHandle
            implements RecvByteBufAllocator.ExtendedHandle {
        ZeroingHandle(RecvByteBufAllocator.Handle delegate) {
            super(delegate);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            return zero(super.allocate(alloc));
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreDataSupplier) {
            return ((RecvByteBufAllocator.ExtendedHandle) delegate()).continueReading(maybeMoreDataSupplier);
        }
    }
}
