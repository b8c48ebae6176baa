// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;

/** Netty's own leak detection for our buffers; what does it is protected in its allocators' base class. */
abstract class LeakTracking extends AbstractByteBufAllocator {
    private LeakTracking() {}

    static ByteBuf track(ByteBuf buf) {
        return toLeakAwareBuffer(buf);
    }
}
