// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ReceiveCalls;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakHint;

/**
 * Receives what comes in bulk: a POLL until there is something, then recv(2), and the handlers have it, and have mostly sent it
 * on, before the next channel receives into the same memory. The kernel alone would receive for many channels, more than the
 * processor's cache holds, before the first of them could look at it. Loop thread only.
 */
final class BulkReceive extends Operation implements ResourceLeakHint {
    /** In smaller buffers the ring, which fills many at once, brings more. */
    static final int MIN_BUFFER_SIZE = 128 << 10;

    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private final ProvidedReceive ring;
    /** What calls brought since others had their turn. */
    private int received;
    /** What is in flight is to let others have it. */
    private boolean yields;

    /** @param ring for when no buffer is free: its buffers are, or who waits for them is told */
    BulkReceive(UringStreamChannel channel, StreamReceiver receiver, ProvidedReceive ring) {
        this.channel = channel;
        this.receiver = receiver;
        this.ring = ring;
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = channel.socket().fd();
        yields = received >= FairShare.MANY_BYTES;
        if (yields) {
            received = 0;
            FairShare.awaitTurnToReceive(sqe, fd);
        } else {
            sqe.operation(Abi.IORING_OP_POLL_ADD, fd).operationFlags(SocketAbi.POLLIN | SocketAbi.POLLRDHUP);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (!channel.isOpen()) {
            return;
        }
        if (result >= 0 && receiver.isWanted() && receiver.canReceiveBytes()) {
            receive();
        } else if (result >= 0 || Errno.isTransient(-result)) {
            receiver.goOn();
        } else if (yields) {
            receiver.streamEnded(result); // as with any receive
        } else {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    private void receive() {
        ReceiveCalls calls = ring.chosenSupply().buffers().calls();
        int result = calls.receive(channel.socket().fd());
        if (result > 0) {
            received += result;
            ring.receivedByCall(result);
            handOn(calls.take(result, channel.config().getAllocator()));
        } else if (Errno.isTransient(-result)) {
            receiver.goOn();
        } else if (result == -Errno.ENOBUFS) {
            ring.standIn();
        } else {
            receiver.streamEnded(result);
        }
    }

    private void handOn(ByteBuf piece) {
        piece.touch(this);
        receiver.fed();
        try {
            receiver.received(piece);
            receiver.endLoop();
        } finally {
            if (channel.isOpen()) {
                receiver.goOn();
            }
        }
    }

    @Override
    public String toHintString() {
        return "RECV on " + channel;
    }

    @Override
    public String toString() {
        return "POLL before recv on " + channel;
    }
}
