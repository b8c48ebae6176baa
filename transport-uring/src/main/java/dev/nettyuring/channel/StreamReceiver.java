// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.RecvByteBufAllocator;
import java.util.Deque;

/**
 * The receiving half of a stream channel: one multishot RECV from the loop's provided buffers, armed from the first
 * {@code read()} on. Reading that is switched off leaves it armed, since reading is mostly switched on again at once; only
 * when data arrives that nobody wants is it cancelled. A poll for the peer's close stands in while none is armed.
 * Loop thread only.
 */
final class StreamReceiver extends ReadLoop<ByteBuf> {
    private static final int OPEN = 1;
    private static final int END_OF_STREAM = 0;

    private final UringSocketChannel channel;
    private final Receive receive = new Receive();
    private final PeerClosePoll peerClosePoll = new PeerClosePoll();
    private final Runnable pauseTask = this::pauseIfUnwanted;

    /** {@link #OPEN}, {@link #END_OF_STREAM}, or the negative errno that ended the stream. */
    private int stream = OPEN;

    private boolean endReported;
    /** The peer has closed: everything is read, wanted or not, as Netty's epoll does. */
    private boolean peerClosed;

    private boolean starved;
    private boolean pauseScheduled;

    StreamReceiver(UringSocketChannel channel) {
        super(channel);
        this.channel = channel;
    }

    Operation receive() {
        return receive;
    }

    Operation peerClosePoll() {
        return peerClosePoll;
    }

    /** The channel is active and has a loop: watch for the peer's close until reading starts. */
    void watch() {
        if (stream != OPEN) {
            finish();
        } else if (isWanted()) {
            arm();
        } else if (!receive.isInFlight() && !peerClosePoll.isInFlight() && canReceive()) {
            channel.submit(peerClosePoll);
        }
    }

    @Override
    void arm() {
        if (stream == OPEN && !receive.isInFlight() && !starved && canReceive()) {
            channel.submit(receive);
        }
    }

    private boolean canReceive() {
        return channel.isActive() && channel.canSubmit() && !channel.isInputShutdown();
    }

    @Override
    boolean isWanted() {
        return peerClosed || stream != OPEN || super.isWanted();
    }

    /** The loop has buffers again. */
    void resume() {
        starved = false;
        watch();
    }

    private void pauseIfUnwanted() {
        pauseScheduled = false;
        if (channel.eventLoop().inEventLoop() && !isWanted() && channel.canSubmit()) {
            channel.handler().ring().cancel(receive);
        }
    }

    private void received(ByteBuf piece) {
        if (!channel.isOpen()) {
            piece.release();
            return;
        }
        arrived(piece);
        if (!isEmpty() && !isWanted() && !pauseScheduled && channel.isOnLoop()) {
            // not at once: reading is often switched on again by a task that is waiting
            pauseScheduled = true;
            channel.eventLoop().execute(pauseTask);
        }
    }

    private void ended(int result) {
        stream = result;
        finish();
    }

    private void finish() {
        if (channel.isOnLoop()) {
            deliver();
            callAtTurnEnd();
        }
    }

    @Override
    void leaveLoop() {
        super.leaveLoop();
        starved = false;
    }

    @Override
    void delivered() {
        if (stream != OPEN && !endReported && isEmpty() && channel.isOpen()) {
            endReported = true;
            reportEnd();
        }
    }

    private void reportEnd() {
        completeLast();
        if (stream != END_OF_STREAM) {
            channel.pipeline().fireExceptionCaught(Errno.newSocketException("recv", stream));
        }
        channel.inputEnded();
    }

    /** The channel is closed. */
    void close() {
        discardAll();
    }

    @Override
    ByteBuf next(Deque<ByteBuf> inbox, RecvByteBufAllocator.ExtendedHandle handle) {
        int most = handle.guess();
        ByteBuf first = inbox.peekFirst();
        return first.readableBytes() <= most ? inbox.pollFirst() : first.readRetainedSlice(most);
    }

    @Override
    int size(ByteBuf message) {
        return message.readableBytes();
    }

    @Override
    void discard(ByteBuf message) {
        message.release();
    }

    @Override
    public String toString() {
        return "receiver of " + channel;
    }

    /** Multishot RECV: a completion for every piece that arrives. */
    private final class Receive extends Operation {
        private UringIoHandler handler;

        @Override
        protected void encode(Submission sqe) {
            handler = channel.handler();
            sqe.operation(Abi.IORING_OP_RECV, channel.socket().fd())
                    .flags(Abi.IOSQE_BUFFER_SELECT)
                    .ioprio(Abi.IORING_RECV_MULTISHOT)
                    .bufferGroup(handler.buffers().group());
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            if ((flags & Abi.IORING_CQE_F_BUFFER) != 0) {
                ByteBuf piece =
                        handler.buffers().take(flags, result, channel.config().getAllocator());
                if (piece != null) {
                    received(piece);
                }
            }
            if (!last || !channel.isOpen()) {
                return;
            }
            if (result > 0 || result == -Errno.ECANCELED) {
                watch();
            } else if (result == -Errno.ENOBUFS) {
                if (channel.isOnLoop()) {
                    starved = true;
                    handler.starve(StreamReceiver.this);
                } // else its next loop tries
            } else {
                StreamReceiver.this.ended(result);
            }
        }

        @Override
        public String toString() {
            return "RECV on " + channel;
        }
    }

    /** POLL for POLLRDHUP, which also reports errors. */
    private final class PeerClosePoll extends Operation {
        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_POLL_ADD, channel.socket().fd()).operationFlags(SocketAbi.POLLRDHUP);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            // with a receive armed, that one tells
            if (result > 0 && !receive.isInFlight() && stream == OPEN) {
                peerClosed = true;
                deliver();
                arm();
            }
        }

        @Override
        public String toString() {
            return "POLL on " + channel;
        }
    }
}
