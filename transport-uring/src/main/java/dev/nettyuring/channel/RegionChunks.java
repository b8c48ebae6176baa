// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bounds how many chunks of files the regions of one loop have in memory: each from before it is read until it is sent. A
 * region whose peer does not take it has none, but for some that may keep theirs, so that slow peers do not stop the others.
 * Loop thread only.
 */
final class RegionChunks {
    /** At any time, between all channels of the loop: of {@link ChunkTransfer#CHUNK_BYTES}, 8 MiB. */
    private static final int MAX_CHUNKS = 32;
    /** Of those so many may wait for room in their sockets. */
    private static final int MAX_KEPT = 16;

    private final Deque<ChunkTransfer> line = new ArrayDeque<>();
    private int taken;
    private int kept;

    /** {@code false} if the transfer has to wait until {@link ChunkTransfer#granted} is called. */
    boolean take(ChunkTransfer transfer) {
        if (takeIfFree()) {
            return true;
        }
        line.addLast(transfer);
        return false;
    }

    /** The same for who does not wait. */
    boolean takeIfFree() {
        if (taken == MAX_CHUNKS) {
            return false;
        }
        taken++;
        return true;
    }

    /** A chunk is not needed any more: the next in line may have one. */
    void giveBack() {
        ChunkTransfer next = line.pollFirst();
        if (next == null) {
            taken--;
        } else {
            next.granted();
        }
    }

    void leaveLine(ChunkTransfer transfer) {
        line.remove(transfer);
    }

    /** Whether a chunk may wait for its peer; {@link #sent} must follow then. */
    boolean keep() {
        if (kept == MAX_KEPT) {
            return false;
        }
        kept++;
        return true;
    }

    /** A chunk that was {@linkplain #keep kept} waits no longer. */
    void sent() {
        kept--;
    }
}
