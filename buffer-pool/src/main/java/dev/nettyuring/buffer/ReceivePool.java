// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;

/**
 * Where an event loop's receive memory comes from. The loop takes slabs, cuts them into buffers that the kernel fills, and
 * gives a slab back when it does without it. {@link SlabReceivePool} maps them; an application that has memory of its own to
 * receive into brings its own pool.
 */
@FunctionalInterface
public interface ReceivePool {
    /**
     * A slab. Its content does not matter, and its first {@code bytes} bytes are the loop's until it releases the buffer,
     * which happens once, on any thread, when the last piece of it is released. Called by the loop's thread.
     *
     * @param bytes how many are needed
     * @return direct, contiguous memory of at least that capacity, or {@code null} if there is none: the loop goes on with what
     *     it has, and asks again, as it does if this throws
     */
    ByteBuf allocate(int bytes);
}
