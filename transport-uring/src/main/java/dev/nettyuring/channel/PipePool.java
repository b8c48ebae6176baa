// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The pipes of one event loop: those that nobody uses are kept, up to a limit, and the one that was used last is given out
 * first. Loop thread only.
 */
final class PipePool implements AutoCloseable {
    /** As much as users have by default (pipe-max-size). docs/experiments.md has the figures. */
    static final int CAPACITY_BYTES = 1 << 20;

    /** Even empty pipes count towards what their user may have (pipe-user-pages-soft). */
    private static final int MAX_IDLE = 8;

    private final Deque<Pipe> idle = new ArrayDeque<>(1);
    private boolean closed;

    /**
     * An empty pipe.
     *
     * @throws IOException if there is none, and no file descriptor for one (EMFILE, ENFILE)
     */
    Pipe acquire() throws IOException {
        Pipe pipe = idle.pollFirst();
        return pipe != null ? pipe : Pipe.open(CAPACITY_BYTES);
    }

    /** Takes back a pipe, or takes over another's, that is empty: who has left bytes in it closes it. */
    void release(Pipe pipe) {
        if (closed || idle.size() == MAX_IDLE) {
            pipe.close();
        } else {
            idle.addFirst(pipe);
        }
    }

    @Override
    public void close() {
        closed = true;
        idle.forEach(Pipe::close);
        idle.clear();
    }
}
