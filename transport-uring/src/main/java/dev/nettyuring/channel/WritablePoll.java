// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;

/** POLL for POLLOUT: for what is sent by system calls of its own and finds no room. Loop thread only. */
final class WritablePoll extends Operation {
    private final UringStreamChannel channel;

    WritablePoll(UringStreamChannel channel) {
        this.channel = channel;
    }

    @Override
    protected void encode(Submission sqe) {
        sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd()).operationFlags(SocketAbi.POLLOUT);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        channel.flushMore();
    }

    @Override
    public String toString() {
        return "POLL for room on " + channel;
    }
}
