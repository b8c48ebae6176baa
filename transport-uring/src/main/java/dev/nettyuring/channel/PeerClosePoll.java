// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;

/**
 * POLL for POLLRDHUP, which also reports errors. Beside a multishot RECV as well: where the close comes with the last bytes, that
 * takes the two for one and waits for good, with a reset of TCP as with any close of a Unix domain socket
 * (https://github.com/axboe/liburing/issues/1549; the kernel's mend of it, in 6.18.44, sees the close only if it was woken for it).
 * Loop thread only.
 */
final class PeerClosePoll extends Operation {
    private final StreamReceiver receiver;

    PeerClosePoll(StreamReceiver receiver) {
        this.receiver = receiver;
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = receiver.channel().socket().fd();
        sqe.operation(Abi.IORING_OP_POLL_ADD, fd).operationFlags(SocketAbi.POLLRDHUP);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (result > 0) {
            receiver.peerCloseSeen();
        } else if (result == -Errno.ECANCELED && isCancelRequested()) {
            receiver.pollBesideReceive(); // which may have begun again by now
        } else if (receiver.channel().isOpen()) {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    @Override
    public String toString() {
        return "POLL on " + receiver.channel();
    }
}
