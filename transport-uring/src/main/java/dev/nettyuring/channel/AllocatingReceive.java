// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/** A receive into a buffer of the channel's allocator, for which there may be no memory: then it is tried again later. */
abstract class AllocatingReceive extends Operation {
    private static final long ALLOCATION_RETRY_MILLIS = 100;

    private final AbstractUringChannel channel;
    private final BufferReadLoop<?> receiver;

    AllocatingReceive(AbstractUringChannel channel, BufferReadLoop<?> receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    /** A buffer of that size; {@code null} if there is none now. What was to be received waits in the socket. */
    final ByteBuf allocate(int size) {
        try {
            return channel.config().getAllocator().directBuffer(size, size);
        } catch (OutOfMemoryError noMemory) { // Netty's limit on direct memory as well
            retryLater();
        } catch (Throwable cause) {
            retryLater();
            channel.pipeline().fireExceptionCaught(cause);
        }
        return null;
    }

    private void retryLater() {
        channel.eventLoop().schedule(this::retry, ALLOCATION_RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void retry() {
        if (channel.eventLoop().inEventLoop()) { // and did not move to another
            receiver.goOn();
        }
    }
}
