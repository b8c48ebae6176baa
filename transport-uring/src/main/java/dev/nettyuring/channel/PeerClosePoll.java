// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;

/** POLL for POLLRDHUP, which also reports errors, while nothing is received. Loop thread only. */
final class PeerClosePoll extends Operation {
    private final UringStreamChannel channel;
    private final StreamReceiver receiver;

    PeerClosePoll(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    @Override
    protected void encode(Submission sqe) {
        sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd()).operationFlags(SocketAbi.POLLRDHUP);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (result > 0) {
            receiver.peerCloseSeen();
        } else if ((result != -Errno.ECANCELED || !isCancelRequested()) && channel.isOpen()) {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    @Override
    public String toString() {
        return "POLL on " + channel;
    }
}
