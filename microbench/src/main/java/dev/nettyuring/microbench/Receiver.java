// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.buffer.ReceiveMemory;
import dev.nettyuring.buffer.Slab;
import dev.nettyuring.buffer.SlabReceivePool;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.ring.Ring;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;

/**
 * The receive buffers of a loop, registered with an io_uring as a loop's are, and in the kernel's stead somebody who claims
 * at once that the next buffer was written to. The buffers are used in turn. So a piece costs what it costs the loop, except
 * for the system call and the bytes.
 */
final class Receiver implements AutoCloseable {
    /** How many pieces a turn of the loop brings. */
    static final int TURN = 16;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int SLAB_BYTES = 1 << 20;
    private static final int ENTRIES = 8;

    private final Ring ring;
    private final ProvidedBuffers provided;
    private final int count;
    private final int pieceBytes;
    private final int piecesABuffer;
    private int buffer;
    private int pieces;

    /**
     * On the thread that will use it.
     *
     * @param count of the buffers
     * @param pieceBytes a power of two
     * @param incremental whether pieces share a buffer (kernel 6.12), or each has one to itself
     */
    Receiver(int count, int pieceBytes, boolean incremental) throws IOException {
        this.count = count;
        this.pieceBytes = pieceBytes;
        piecesABuffer = incremental ? BUFFER_BYTES / pieceBytes : 1;
        ring = Ring.open(ENTRIES, ENTRIES, Uring.features());
        ring.enable();
        SlabReceivePool pool = new SlabReceivePool(Slab.Prefault.UP_FRONT, false);
        provided = new ProvidedBuffers(
                0,
                new ReceiveMemory(BUFFER_BYTES, count, count, count, incremental, SLAB_BYTES, false, pool),
                () -> {});
        provided.ownedBy(Thread.currentThread());
        provided.register(ring.fd());
        provided.refill();
    }

    /** How many pieces can be out at once, if they come back in their order. */
    int capacity() {
        return (count - 1) * piecesABuffer;
    }

    /** As at the beginning of a turn. */
    void refill() {
        provided.refill();
    }

    /** The next piece; the buffer it lies in must have been refilled since it was used up. */
    ByteBuf take(ByteBufAllocator alloc) {
        int flags = buffer << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER;
        if (++pieces < piecesABuffer) {
            flags |= Abi.IORING_CQE_F_BUF_MORE;
        } else {
            pieces = 0;
            buffer = (buffer + 1) % count;
        }
        return provided.take(flags, pieceBytes, alloc);
    }

    @Override
    public void close() {
        provided.close();
        ring.close();
    }
}
