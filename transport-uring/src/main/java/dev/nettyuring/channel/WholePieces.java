// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * The {@link io.netty.channel.RecvByteBufAllocator} of channels whose user set none: pieces are read as the kernel received
 * them, up to 16 in a read loop.
 */
final class WholePieces extends DefaultMaxMessagesRecvByteBufAllocator {
    @Override
    @SuppressWarnings("deprecation") // the type is what the interface has
    public Handle newHandle() {
        return new PiecesHandle(this);
    }

    /** Less than half of Netty's {@code MaxMessageHandle}, since each connection has one. */
    private static final class PiecesHandle implements ExtendedHandle {
        private final WholePieces allocator;
        private ChannelConfig config;
        private int messagesLeft;
        private int lastBytesRead;

        PiecesHandle(WholePieces allocator) {
            this.allocator = allocator;
        }

        @Override
        public int guess() {
            return Integer.MAX_VALUE;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            return alloc.ioBuffer();
        }

        @Override
        public void reset(ChannelConfig config) {
            this.config = config;
            messagesLeft = allocator.maxMessagesPerRead();
        }

        @Override
        public void incMessagesRead(int messages) {
            messagesLeft -= messages;
        }

        @Override
        public void lastBytesRead(int bytes) {
            lastBytesRead = bytes;
        }

        @Override
        public int lastBytesRead() {
            return lastBytesRead;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            // as many as are read
        }

        @Override
        public int attemptedBytesRead() {
            return lastBytesRead;
        }

        @Override
        public boolean continueReading() {
            return messagesLeft > 0 && config.isAutoRead();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return continueReading() && (!allocator.respectMaybeMoreData() || maybeMoreData.get());
        }

        @Override
        public void readComplete() {
            // the next loop is like this one
        }
    }
}
