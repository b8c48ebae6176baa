// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Native;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;

/** Maps slabs from the kernel, and unmaps them when they are released. Any thread. */
public final class SlabReceivePool implements ReceivePool {
    private final Slab.Prefault prefault;
    private final boolean hugePages;

    /**
     * Maps nothing yet.
     *
     * @param prefault when a slab's pages are faulted in
     * @param hugePages whether transparent huge pages are asked for
     */
    public SlabReceivePool(Slab.Prefault prefault, boolean hugePages) {
        this.prefault = prefault;
        this.hugePages = hugePages;
    }

    @Override
    public ByteBuf allocate(int bytes) {
        // not before there is need: configurations are made where the library is missing
        int page = Native.getpagesize();
        try {
            return new WholeSlab(Slab.map((bytes + page - 1) & -page, prefault, hugePages));
        } catch (IOException outOfMemory) {
            return null;
        }
    }

    /** All of a slab as one buffer, of fixed size. */
    private static final class WholeSlab extends MappedByteBuf {
        private final Slab slab;

        WholeSlab(Slab slab) {
            this.slab = slab;
            begin(slab.buffer(), 0, slab.length(), slab.address(), slab.length());
        }

        @Override
        public ByteBuf capacity(int newCapacity) {
            throw new UnsupportedOperationException("a slab keeps its size");
        }

        @Override
        public ByteBufAllocator alloc() {
            return UnpooledByteBufAllocator.DEFAULT;
        }

        @Override
        protected void deallocate() {
            end();
            slab.close();
        }
    }
}
