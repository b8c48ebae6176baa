// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;

/**
 * POLL for POLLOUT: for what is sent by system calls of its own, or may not wait in the kernel, and finds no room. Loop thread
 * only.
 *
 * <p>Whatever waits for a socket whose peer has closed its output is told of that unasked, and at once (POLLRDHUP). Polling or
 * sending again each time would keep the loop busy until there is room, and the kernel gives a send to one of its threads after
 * 128 times. So such a poll goes on (multishot), and ends when there is room.
 */
final class WritablePoll extends Operation {
    private static final int ROOM = SocketAbi.POLLOUT | SocketAbi.POLLERR | SocketAbi.POLLHUP;

    private final UringStreamChannel channel;

    WritablePoll(UringStreamChannel channel) {
        this.channel = channel;
    }

    static void encode(Submission sqe, UringStreamChannel channel) {
        sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd())
                .len(channel.isPeerClosing() ? Abi.IORING_POLL_ADD_MULTI : 0)
                .operationFlags(SocketAbi.POLLOUT);
    }

    /** Ends a poll of a channel, which goes on, if what it told is that there is room. */
    static void endIfRoom(Operation poll, UringStreamChannel channel, int told) {
        if ((told & ROOM) != 0 && channel.canSubmit()) {
            channel.handler().ring().cancel(poll);
        }
    }

    @Override
    protected void encode(Submission sqe) {
        encode(sqe, channel);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (last) {
            channel.flushMore();
        } else {
            endIfRoom(this, channel, result);
        }
    }

    @Override
    public String toString() {
        return "POLL for room on " + channel;
    }
}
