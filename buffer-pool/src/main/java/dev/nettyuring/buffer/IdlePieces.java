// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Pieces of a loop's that were released on it, for what it receives next: the one that was used last, whose memory is hot, is used
 * next. What other threads release is left to the garbage collector. Loop thread only.
 */
final class IdlePieces {
    private static final int MAX = 1024;

    private final Deque<ReceivedByteBuf> idle = new ArrayDeque<>();

    /** {@code null} if there is none. */
    ReceivedByteBuf take() {
        return idle.pollLast();
    }

    void giveBack(ReceivedByteBuf piece) {
        if (idle.size() < MAX) {
            idle.addLast(piece);
        }
    }
}
