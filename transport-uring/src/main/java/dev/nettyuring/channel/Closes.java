// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Ring;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The closing of connections that their channels have done with: at once, so that most of the time the port is free when the
 * channel is closed, but where many are closed in one turn the others follow a few a turn. What the kernel does for each takes
 * longer than all else, and a loop that closes ten thousand is not to stand still for all of them. Loop thread only.
 */
final class Closes {
    /** At once, and in each turn after that. docs/experiments.md has the figures. */
    private static final int A_TURN = 64;

    private final Ring ring;
    private final Deque<AbstractUringChannel> waiting = new ArrayDeque<>();
    private int left = A_TURN;

    Closes(Ring ring) {
        this.ring = ring;
    }

    /** A channel is no longer open: the same is to happen to its socket. */
    void close(AbstractUringChannel channel) {
        if (left > 0 && waiting.isEmpty()) {
            left--;
            channel.submitClose(ring);
            ring.enter();
        } else {
            waiting.addLast(channel);
        }
    }

    /** Once a turn. */
    void proceed() {
        left = A_TURN;
        for (; left > 0 && !waiting.isEmpty(); left--) {
            waiting.pollFirst().submitClose(ring);
        }
    }

    /** Whether all are submitted. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The loop ends. */
    void finish() {
        while (!waiting.isEmpty()) {
            proceed();
        }
    }
}
