// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import io.netty.buffer.ByteBuf;

/** A receive into a buffer of the channel's allocator, for which there may be no memory: then it is tried again later. */
abstract class AllocatingReceive extends Operation {
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
            receiver.retryLater();
        } catch (Throwable cause) {
            receiver.retryLater();
            channel.pipeline().fireExceptionCaught(cause);
        }
        return null;
    }
}
