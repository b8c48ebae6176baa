// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.MappedMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A receive pool that keeps the memory of the slabs it gets back, so that a test may look at it, and that runs dry when it is
 * told to. What it gives is full of garbage.
 */
final class TestPool implements ReceivePool, AutoCloseable {
    private static final byte GARBAGE = 0x5A;

    private final List<MappedMemory> memory = new ArrayList<>();
    private final Deque<ByteBuf> unseen = new ArrayDeque<>();
    private boolean dry;

    void setDry(boolean dry) {
        this.dry = dry;
    }

    boolean isDry() {
        return dry;
    }

    @Override
    public ByteBuf allocate(int bytes) {
        if (dry) {
            return null;
        }
        MappedMemory slab;
        try {
            slab = MappedMemory.anonymous(bytes, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        memory.add(slab);
        for (int i = 0; i < bytes; i++) {
            slab.buffer().put(i, GARBAGE);
        }
        ByteBuf buf = Unpooled.wrappedBuffer(slab.buffer());
        unseen.add(buf);
        return buf;
    }

    /** The next of the slabs that were allocated, in their order; {@code null} after the last. */
    ByteBuf nextAllocated() {
        return unseen.poll();
    }

    @Override
    public void close() {
        memory.forEach(MappedMemory::close);
    }
}
