// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Operation;
import io.netty.buffer.ByteBuf;
import java.nio.channels.ClosedChannelException;
import java.util.Deque;
import java.util.List;

/**
 * The receiving half of a stream channel: one of its {@link ReceiveOperations}, armed from the first {@code read()} on.
 * Reading that is switched off leaves it armed, since reading is mostly switched on again at once; only when data arrives
 * that nobody wants is it cancelled. A poll for the peer's close stands beside, since a multishot RECV may miss that, and
 * stands in while none is armed. Loop thread only.
 */
final class StreamReceiver extends BufferReadLoop<Object> {
    private static final int OPEN = 1;
    private static final int END_OF_STREAM = 0;

    private final UringStreamChannel channel;
    private final ReceiveOperations receives;
    private final PeerClosePoll peerClosePoll;
    /** {@code null} before the first. Made by any thread. */
    private volatile Diversions diversions;

    /** {@link #OPEN}, {@link #END_OF_STREAM}, or the negative errno that ended the stream. */
    private int stream = OPEN;

    private boolean endReported;
    /** The peer has closed: everything is read, wanted or not, as Netty's epoll does. */
    private boolean peerClosed;

    /** The user reads into buffers of his own, or splices, where the stream's end will show: nothing else is to read what is his. */
    private boolean readByUser;

    StreamReceiver(UringStreamChannel channel) {
        super(channel);
        this.channel = channel;
        receives = new ReceiveOperations(channel, this);
        peerClosePoll = new PeerClosePoll(channel, this);
    }

    /** Who may take what comes instead of the pipeline. Any thread. */
    Diversions diversions() {
        if (diversions == null) {
            synchronized (this) {
                if (diversions == null) {
                    diversions = new Diversions(channel, this);
                }
            }
        }
        return diversions;
    }

    /** Adds those operations that there may be; some may be {@code null}. */
    void addOperations(List<Operation> operations) {
        receives.addTo(operations);
        operations.add(peerClosePoll);
        if (diversions != null) {
            diversions.addOperations(operations);
        }
    }

    /** Receives into a buffer of the user's, who has switched auto-read off. */
    void readInto(ByteBuf buffer, BufferRead.ReadPromise promise) {
        BufferRead bufferRead = diversions().bufferRead();
        Exception refusal = bufferRead.refusal();
        if (refusal != null) {
            buffer.release();
            promise.setFailure(refusal);
            return;
        }
        userReads();
        bufferRead.begin(buffer, promise);
    }

    /** Whether the user has the pipeline read. */
    boolean isPipelineReading() {
        return super.isWanted();
    }

    /** From now on, until the pipeline reads again, the user does. */
    void userReads() {
        readByUser = true;
        peerClosed = false; // what came before that is the user's as well, and so is the end
    }

    /** He knows of the end, or the pipeline reads again: what there is, and the end, is the pipeline's. */
    private void userReadsNoLonger() {
        if (readByUser && stream != OPEN && channel.isOnLoop()) {
            callAtTurnEnd();
        }
        readByUser = false;
    }

    /** How a splice ends that wants more than there is: {@code null} is well. */
    Exception causeOfEnd(boolean untilTheEnd) {
        userReadsNoLonger();
        if (channel.isOpen() && stream < END_OF_STREAM) {
            return Errno.newSocketException("splice", stream);
        }
        return channel.isOpen() && untilTheEnd ? null : new ClosedChannelException();
    }

    /** Nobody but the pipeline takes what comes, again. */
    void resumeAfterSplices() {
        goOn();
        deliverSoon();
    }

    boolean isEnded() {
        return stream != OPEN;
    }

    /** Nothing is left of an ended stream: the read gets its end. */
    void passEndTo(BufferRead read) {
        userReadsNoLonger();
        if (stream == END_OF_STREAM) {
            read.succeed();
        } else {
            read.fail(Errno.newSocketException("recv", stream));
        }
    }

    /** Cancels what receives on its own; {@code false} if nothing does. */
    boolean cancelReceives() {
        cancelArmed();
        return isReceiving();
    }

    @Override
    void cancelArmed() {
        receives.cancel();
    }

    /** Bytes are to be received from now on, or descriptors, which the kernel throws away where bytes alone are asked for. */
    void readModeChanged() {
        if (channel.canSubmit()) {
            leaveLine();
            cancelArmed();
            goOn();
        }
    }

    /** Whether a file descriptor is the next that the pipeline is to read, before whatever bytes follow. */
    boolean isDescriptorNext() {
        return peek() instanceof ReceivedDescriptor;
    }

    /** Moves bytes that arrived before they were wanted to a buffer; {@code false} if none have, or a descriptor is first. */
    boolean takeKept(ByteBuf buffer) {
        boolean taken = peek() instanceof ByteBuf && buffer.isWritable();
        while (peek() instanceof ByteBuf && buffer.isWritable()) {
            ByteBuf piece = (ByteBuf) peek();
            buffer.writeBytes(piece, Math.min(piece.readableBytes(), buffer.writableBytes()));
            if (!piece.isReadable()) {
                discardFirst();
            }
        }
        return taken;
    }

    /** Receives if anybody wants to read; else watches for the peer's close, and when the input is over for a reset. */
    @Override
    void goOn() {
        if (isDiverted()) {
            proceedDiverted();
        }
        if (isDiverted()) {
            return;
        }
        if (stream != OPEN) {
            finish();
            watchForReset();
        } else if (channel.isInputShutdown()) {
            watchForReset();
        } else if (isWanted()) {
            deliverSoon(); // what a read() was for that had to wait
            arm();
        } else if (canReceive()) {
            if (!isPeerClosing()) {
                peerClosePoll.begin();
            } else if (!isReceiving() && !readByUser) {
                readToTheEnd();
            }
        }
    }

    /** Whether the peer was seen to close, or the connection to fail; there may be bytes still to be received. */
    boolean isPeerClosing() {
        return peerClosePoll.hasSeen() || isEnded();
    }

    @Override
    boolean isDiverted() {
        Diversions diversions = this.diversions;
        return diversions != null && diversions.isPending();
    }

    private void proceedDiverted() {
        if (diversions != null) {
            diversions.proceed();
        }
    }

    @Override
    void arm() {
        if (isDiverted()) {
            return;
        }
        userReadsNoLonger();
        if (stream != OPEN || !canReceive()) {
            return;
        }
        peerClosePoll.begin(); // first, since who comes later is woken earlier: mostly the receive tells, and is not
        // cancelled
        if (!isReceiving() && !isStarved()) {
            receives.submit();
        }
    }

    boolean isReceiving() {
        return receives.isBusy();
    }

    boolean canReceive() {
        return channel.isActive() && channel.canSubmit() && !channel.isInputShutdown();
    }

    @Override
    boolean isWanted() {
        return !isDiverted() && (peerClosed || (stream != OPEN && !readByUser) || super.isWanted());
    }

    /** Whether bytes can be received, and not descriptors. */
    boolean canReceiveBytes() {
        return canReceive() && !channel.readsDescriptors();
    }

    /** Whether a receive that filled its buffer is to be followed by another at once. */
    boolean goesOn() {
        return !isDiverted() && (isOpen() || isWanted());
    }

    @Override
    void goOnAllocating() {
        if (isWanted() && stream == OPEN && !isReceiving() && canReceive()) {
            receives.submitAllocated();
        } else {
            goOn();
        }
    }

    @Override
    public int expectedBytes() {
        return receives.expectedBytes();
    }

    @Override
    void starve(BufferSupply supply) {
        if (isDiverted()) {
            goOn(); // that needs no buffers
        } else {
            super.starve(supply);
        }
    }

    /** The peer has closed, or the connection has failed. */
    void peerCloseSeen() {
        if (stream != OPEN || channel.isInputShutdown()) {
            watchForReset();
        } else if (!isReceiving() && !readByUser) {
            readToTheEnd();
        } else if (channel.canSubmit()) {
            receives.peerCloseSeen();
        }
    }

    private void watchForReset() {
        if (endReported || channel.isInputShutdown()) {
            peerClosePoll.beginForReset();
        }
    }

    private void readToTheEnd() {
        peerClosed = true;
        deliver();
        arm();
    }

    /** Bytes came, or a descriptor. */
    void received(Object message) {
        if (!channel.isOpen()) {
            discard(message);
            return;
        }
        arrived(message);
        pauseUnlessWanted();
    }

    /** @param end {@link #END_OF_STREAM}, or a negative errno */
    void streamEnded(int end) {
        stream = end;
        channel.peerClosing();
        proceedDiverted();
        finish();
    }

    private void finish() {
        if (channel.isOnLoop()) {
            deliver();
            callAtTurnEnd();
        }
    }

    @Override
    boolean isMoreToCome() {
        return receives.areMoreToCome();
    }

    @Override
    void leaveLoop() {
        super.leaveLoop();
        receives.leaveLoop();
    }

    /** Has {@link #delivered()} called when the completions that there are have been handled. */
    void deliverWhatCompleted() {
        channel.eventLoop().execute(this::awaitTurnEnd); // the next turn's
    }

    private void awaitTurnEnd() {
        if (channel.eventLoop().inEventLoop() && channel.isOnLoop()) {
            callAtTurnEnd();
        }
    }

    @Override
    void delivered() {
        if (stream != OPEN && !endReported && isEmpty() && isWanted() && channel.isOpen()) {
            endReported = true;
            reportEnd();
        }
        channel.inputDelivered();
    }

    private void reportEnd() {
        completeLast();
        if (stream != END_OF_STREAM) {
            channel.pipeline().fireExceptionCaught(Errno.newSocketException("recv", stream));
        }
        channel.inputEnded();
        watchForReset();
    }

    /** The channel is closed. */
    void close() {
        if (diversions != null) {
            diversions.close();
        }
        discardAll();
    }

    @Override
    Object next(Deque<Object> inbox) {
        int most = guess();
        Object first = inbox.peekFirst();
        if (first instanceof ByteBuf && ((ByteBuf) first).readableBytes() > most) {
            return ((ByteBuf) first).readRetainedSlice(most);
        }
        return inbox.pollFirst();
    }

    @Override
    int size(Object message) {
        return message instanceof ByteBuf ? ((ByteBuf) message).readableBytes() : 1;
    }

    @Override
    void discard(Object message) {
        if (message instanceof ByteBuf) {
            ((ByteBuf) message).release();
        } else {
            ((ReceivedDescriptor) message).discard();
        }
    }

    @Override
    public String toString() {
        return "receiver of " + channel;
    }
}
