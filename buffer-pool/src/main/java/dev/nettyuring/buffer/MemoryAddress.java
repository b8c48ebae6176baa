// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Native;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Where the memory of direct buffers lies, as the kernel is told; on any JDK, with Netty's access to Unsafe or without. */
public final class MemoryAddress {
    private MemoryAddress() {}

    /**
     * The address of one byte of a buffer; those that follow, up to its capacity, lie behind it. Only for the thread that may
     * use the buffer's {@link ByteBuf#internalNioBuffer}.
     *
     * @param buffer direct, in one piece
     */
    public static long of(ByteBuf buffer, int index) {
        return buffer.hasMemoryAddress()
                ? buffer.memoryAddress() + index
                : of(buffer.internalNioBuffer(index, buffer.capacity() - index));
    }

    /** The address of a direct buffer's next byte: the one at its position. */
    public static long of(ByteBuffer buffer) {
        return Native.directBufferAddress(buffer) + buffer.position();
    }
}
