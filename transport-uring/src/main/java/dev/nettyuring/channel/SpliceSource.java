// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The splices of which a channel is the source, one after the other. Each waits until the channel's receives are over, and
 * takes what they brought first. splice(2) on a socket that does not block, after a poll, costs a fraction of what
 * IORING_OP_SPLICE does, which always goes to another thread. Loop thread only, where nothing else is said.
 */
final class SpliceSource extends Operation {
    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private final Deque<Splice> queue = new ArrayDeque<>(1);
    private boolean proceeding;
    /** Bytes, by all splices, since it last waited for anything. */
    private long taken;

    SpliceSource(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    UringStreamChannel channel() {
        return channel;
    }

    /** Begins, or gets in line. Any thread. */
    SplicePromise start(SpliceSink sink, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length: " + length + " (expected: 0 or more)");
        }
        Splice splice = new Splice(channel, this, sink, length);
        Splice.onLoop(channel, () -> begin(splice));
        return splice.promise();
    }

    private void begin(Splice splice) {
        if (splice.promise().isDone()) {
            return; // it was cancelled before
        }
        Exception refusal = refusal();
        if (refusal != null) {
            splice.promise().tryFailure(refusal);
            return;
        }
        receiver.userReads();
        queue.addLast(splice);
        splice.sink().begin(splice);
        proceed();
    }

    private Exception refusal() {
        if (!channel.isOpen()) {
            return new ClosedChannelException();
        }
        if (!channel.isActive()) {
            return new NotYetConnectedException();
        }
        if (receiver.diversions().bufferRead().isPending()) {
            return new IllegalStateException("a readInto() is not over yet");
        }
        if (channel.readsDescriptors() || !receiver.isEveryKept(ByteBuf.class)) {
            return Diversions.descriptorsFirst();
        }
        try {
            TlsHandlers.checkNone(channel);
            channel.socket().makeNonBlocking();
            return null;
        } catch (IOException | RuntimeException e) {
            return e;
        }
    }

    boolean isPending() {
        return !queue.isEmpty();
    }

    /** The sink that may have an operation of its own in flight, or {@code null}. */
    Operation sinkOperation() {
        Splice head = queue.peekFirst();
        return head != null && head.sink() instanceof Operation ? (Operation) head.sink() : null;
    }

    /** Takes nothing more for it. Any thread. */
    void cancel(Splice splice) {
        Splice.onLoop(channel, () -> {
            if (!queue.contains(splice)) {
                splice.promise().endCancelled(); // it has not begun yet, unless it is over
            } else if (!splice.isAllTaken()) {
                endTaking(splice, Splice.CANCELLED);
            }
            proceed();
        });
    }

    /** The channel is closed: what is in the pipe still goes where it is to go. */
    void close() {
        for (Splice splice : queue.toArray(new Splice[0])) {
            if (!splice.isAllTaken()) {
                endTaking(splice, new ClosedChannelException());
            }
        }
        proceed();
    }

    private static void endTaking(Splice splice, Throwable outcome) {
        splice.endTaking(outcome);
        splice.sink().moreTaken();
    }

    /** Something has changed: there are bytes, or there is room, or there is an end. */
    void proceed() {
        if (proceeding || queue.isEmpty() || (channel.isOpen() && !channel.isOnLoop())) {
            return; // if it is between two loops, the next goes on
        }
        proceeding = true;
        try {
            advance();
        } finally {
            proceeding = false;
        }
        if (!queue.isEmpty()) {
            queue.peekFirst().sink().awaited();
        } else if (channel.canSubmit()) {
            channel.handler().ring().cancel(this);
            receiver.resumeAfterSplices();
        }
    }

    private void advance() {
        while (!queue.isEmpty()) {
            fill(queue.peekFirst());
            Splice over = firstOver();
            if (over == null) {
                return;
            }
            queue.remove(over);
            releasePipe(over);
            over.complete();
        }
    }

    private Splice firstOver() {
        for (Splice splice : queue) {
            if (splice.isOver()) {
                return splice;
            }
        }
        return null;
    }

    private void fill(Splice splice) {
        while (!splice.isAllTaken() && !splice.isSinkOver() && !isInFlight()) {
            if (splice.left() == 0) {
                endTaking(splice, null);
            } else if (receiver.isDescriptorNext()) {
                endTaking(splice, Diversions.descriptorsFirst()); // it was on its way when this began
            } else if (receiver.isEmpty() && (receiver.isEnded() || channel.isInputShutdown())) {
                endTaking(splice, receiver.causeOfEnd(splice.isUntilTheEnd()));
            } else if (receiver.isEmpty() && (receiver.cancelReceives() || !channel.canSubmit())) {
                return; // the last completion of those goes on
            } else if (receiver.isEmpty() && hadItsShare()) {
                awaitBytes(splice);
                return;
            } else if (!take(splice)) {
                return;
            }
        }
    }

    private boolean hadItsShare() {
        return taken >= FairShare.BYTES;
    }

    /** Puts the next bytes into the pipe; {@code false} if there are none yet, or there is no room. */
    private boolean take(Splice splice) {
        if (splice.pipe() == null) {
            try {
                splice.pipe(channel.handler().pipes().acquire());
            } catch (IOException e) {
                endTaking(splice, e);
                return true;
            }
        }
        boolean wasEmpty = splice.isPipeEmpty();
        long result = receiver.isEmpty() ? takeFromSocket(splice) : takeKept(splice);
        if (result > 0) {
            splice.took(result);
            taken += result;
            splice.sink().moreTaken();
            return true;
        }
        if (result == -Errno.EAGAIN) {
            return wasEmpty ? awaitBytes(splice) : splice.isDrained();
        }
        if (result != -Errno.EINTR) {
            receiver.streamEnded((int) result);
        }
        return true;
    }

    private long takeFromSocket(Splice splice) {
        return Native.splice(
                channel.socket().fd(),
                0,
                splice.pipe().writeEnd(),
                0,
                Math.min(splice.left(), PipePool.CAPACITY_BYTES),
                SocketAbi.SPLICE_F_NONBLOCK);
    }

    /** What was received before goes first, by way of the same pipe. */
    private long takeKept(Splice splice) {
        ByteBuf piece = (ByteBuf) receiver.peek();
        long result = Native.write(
                splice.pipe().writeEnd(),
                MemoryAddress.of(piece, piece.readerIndex()),
                Math.min(splice.left(), piece.readableBytes()));
        if (result > 0) {
            piece.skipBytes((int) result);
            if (!piece.isReadable()) {
                receiver.discardFirst();
            }
        }
        return result;
    }

    /** Meanwhile another splice may have the pipe, if nothing is in it. */
    private boolean awaitBytes(Splice splice) {
        if (splice.isPipeEmpty()) {
            releasePipe(splice);
        }
        channel.submit(this);
        return false;
    }

    private void releasePipe(Splice splice) {
        Pipe pipe = splice.pipe();
        if (pipe == null) {
            return;
        }
        splice.pipe(null);
        if (splice.isPipeEmpty() && channel.isOnLoop() && channel.eventLoop().inEventLoop()) {
            channel.handler().pipes().release(pipe);
        } else {
            pipe.close();
        }
    }

    @Override
    protected void encode(Submission sqe) {
        if (hadItsShare()) {
            FairShare.awaitTurnToReceive(sqe, channel.socket().fd());
        } else {
            sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd())
                    .operationFlags(SocketAbi.POLLIN | SocketAbi.POLLRDHUP);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        boolean failed = channel.isOpen() && result < 0 && !Errno.isTransient(-result);
        boolean ended = failed && hadItsShare(); // as with any receive
        taken = 0;
        if (ended) {
            receiver.streamEnded(result);
        } else if (failed) {
            receiver.retryLater(); // the kernel had no memory, perhaps
            return;
        }
        proceed();
    }

    @Override
    public String toString() {
        return "POLL before splice on " + channel;
    }
}
