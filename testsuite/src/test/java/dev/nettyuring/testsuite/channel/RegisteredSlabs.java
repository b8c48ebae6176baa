// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Ring;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A program that registers slabs until no more may be locked, and then has one unmapped. */
final class RegisteredSlabs {
    private static final int SQ_ENTRIES = 8;
    private static final int CQ_ENTRIES = 16;
    private static final int BYTES = 2 << 20;
    private static final int MOST = 64;

    private final Deque<ByteBuf> buffers = new ArrayDeque<>();
    private final FixedBuffers table;

    private RegisteredSlabs(Ring ring) {
        table = new FixedBuffers(ring, Uring.features());
    }

    public static void main(String[] args) throws IOException {
        Ring ring = Ring.open(SQ_ENTRIES, CQ_ENTRIES, Uring.features());
        ring.enable();
        new RegisteredSlabs(ring).run();
        ring.close();
    }

    private void run() {
        do {
            buffers.add(newBuffer());
        } while (isRegistered(buffers.getLast()) && buffers.size() < MOST);
        System.out.println("registered: " + (buffers.size() - 1));
        System.out.println("the first still is: " + isRegistered(buffers.getFirst()));
        ByteBuf refused = buffers.removeLast();
        long before = table.registeredBytes();
        buffers.removeFirst().release();
        System.out.println("the refused one is: " + isRegistered(refused));
        System.out.println("more than before: " + (table.registeredBytes() - before));
        refused.release();
        buffers.forEach(ByteBuf::release);
        table.close();
    }

    /** In a slab of its own, which is unmapped with it, since its allocator may keep less. */
    private static ByteBuf newBuffer() {
        return UringByteBufAllocator.builder().memoryLimit(2 * BYTES).build().directBuffer(BYTES);
    }

    private boolean isRegistered(ByteBuf buffer) {
        return table.indexOf(buffer.memoryAddress(), BYTES) != FixedBuffers.NONE;
    }
}
