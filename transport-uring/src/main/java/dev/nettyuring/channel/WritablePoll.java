// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.util.concurrent.TimeUnit;

/**
 * POLL for POLLOUT: for what is sent by system calls of its own, or may not wait in the kernel, and finds no room. Loop thread
 * only.
 *
 * <p>Whatever waits for a socket whose peer has closed its output is told of that unasked, and at once (POLLRDHUP). Polling or
 * sending again each time would keep the loop busy until there is room, and the kernel gives a send to one of its threads after
 * 128 times. So such a poll goes on (multishot), and ends when there is room.
 */
final class WritablePoll extends Operation {
    private static final long RETRY_MILLIS = 100;
    private static final int ROOM = SocketAbi.POLLOUT | SocketAbi.POLLERR | SocketAbi.POLLHUP;

    private final UringStreamChannel channel;
    private final StreamSender sender;
    /** It was told of nothing that it asked for. */
    private boolean toldUnasked;

    WritablePoll(UringStreamChannel channel, StreamSender sender) {
        this.channel = channel;
        this.sender = sender;
    }

    @Override
    protected void encode(Submission sqe) {
        sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd())
                .len(toldUnasked || channel.isPeerClosing() ? Abi.IORING_POLL_ADD_MULTI : 0)
                .operationFlags(SocketAbi.POLLOUT);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        toldUnasked |= result > 0 && (result & ROOM) == 0;
        if (last && result < 0 && !Errno.isTransient(-result)) {
            channel.eventLoop()
                    .schedule(this::retry, RETRY_MILLIS, TimeUnit.MILLISECONDS); // for want of memory, perhaps
        } else if (last) {
            sender.hasRoom();
        } else if ((result & ROOM) != 0 && channel.canSubmit()) {
            channel.handler().ring().cancel(this);
        }
    }

    private void retry() {
        if (channel.eventLoop().inEventLoop() && !isInFlight()) { // and did not move to another
            sender.hasRoom();
        }
    }

    @Override
    public String toString() {
        return "POLL for room on " + channel;
    }
}
