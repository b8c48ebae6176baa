// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;

/**
 * POLL for the peer's close, POLLRDHUP, and when the input is over for a reset, which POLLHUP tells of. Since POLLRDHUP is
 * told unasked as well, that one goes on when it has told (multishot).
 *
 * <p>Beside a multishot RECV as well: where the close comes with the last bytes, that takes the two for one and waits for good,
 * with a reset of TCP as with any close of a Unix domain socket (https://github.com/axboe/liburing/issues/1549; the kernel's mend
 * of it, in 6.18.44, sees the close only if it was woken for it). Loop thread only.
 */
final class PeerClosePoll extends Operation {
    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private boolean seen;
    /** What is armed is for a reset. */
    private boolean forReset;

    PeerClosePoll(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    /** Begins, if it has not, and if there is anything left to see. */
    void begin() {
        if (!isInFlight() && (!seen || isInputOver())) {
            channel.submit(this);
        }
    }

    private boolean isInputOver() {
        return receiver.isEnded() || channel.isInputShutdown();
    }

    /** The input is over: if the channel is open still, nothing but a reset can be heard any more. */
    void beginForReset() {
        if (canBeReset()) {
            begin();
        }
    }

    private boolean canBeReset() {
        return channel.canSubmit() && !channel.isOutputShutdown();
    }

    /** Whether the peer has closed, or the connection has failed. */
    boolean hasSeen() {
        return seen;
    }

    @Override
    protected void encode(Submission sqe) {
        forReset = isInputOver();
        sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd())
                .len(forReset ? Abi.IORING_POLL_ADD_MULTI : 0)
                .operationFlags(SocketAbi.POLLRDHUP);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (result > 0 && !forReset) {
            seen = true;
            channel.peerClosing();
            receiver.peerCloseSeen();
        } else if (result > 0 && (result & SocketAbi.POLLHUP) != 0 && canBeReset()) {
            channel.writeFailed(Errno.newSocketException("poll", -Errno.ECONNRESET));
        } else if (result == -Errno.ECANCELED && isCancelRequested()) {
            receiver.goOn(); // it may be needed again by now
        } else if (last && channel.isOpen()) {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    @Override
    public String toString() {
        return "POLL on " + channel;
    }
}
