// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Native;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Memory by its address, as the kernel has it; on any JDK, with Netty's access to Unsafe or without. */
final class RawMemory {
    private RawMemory() {}

    static ByteBuffer at(long address, int length) {
        return Native.newDirectByteBuffer(address, length);
    }

    /** Where a direct buffer's first byte is. */
    static long addressOf(ByteBuf buf) {
        return Native.directBufferAddress(buf.nioBuffer(0, buf.capacity()));
    }
}
