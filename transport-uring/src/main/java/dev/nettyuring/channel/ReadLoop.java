// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * Turns what the kernel delivers into Netty's read loop: {@code channelRead} for each message while the channel wants to
 * read and its {@link RecvByteBufAllocator} says to go on, then {@code channelReadComplete}. What arrives while it does not
 * want to is kept, in order, until it does. What the allocator throws, which is the user's, goes to {@code exceptionCaught},
 * and nothing is lost by it. Loop thread only.
 *
 * @param <M> the messages
 */
abstract class ReadLoop<M> implements Runnable {
    private final AbstractUringChannel channel;
    private final Deque<M> inbox = new ArrayDeque<>(1); // most connections are idle, or never behind
    private boolean readPending;
    private boolean open;
    private boolean delivering;
    private boolean atTurnEnd;

    ReadLoop(AbstractUringChannel channel) {
        this.channel = channel;
    }

    final AbstractUringChannel channel() {
        return channel;
    }

    /**
     * The next message is taken from the inbox, or as much of it as the allocator {@linkplain #guess() says}; {@code null} if
     * none is left.
     */
    abstract M next(Deque<M> inbox);

    /** How many bytes a message counts for. */
    abstract int size(M message);

    /** How many messages it counts for. */
    int count(M message) {
        return 1;
    }

    /** Throws a message away that nobody will read. */
    abstract void discard(M message);

    /** Makes sure that the kernel delivers. */
    abstract void arm();

    /** All that was there to be delivered this turn has been. */
    void delivered() {}

    /** {@code read()} was called, by the user or because of auto-read. */
    final void read() {
        readPending = true;
        deliverSoon(); // not from within the handler that called read()
        arm();
    }

    final void armIfWanted() {
        if (isWanted()) {
            arm();
        }
    }

    /** With a task of its own. */
    final void deliverSoon() {
        if (!inbox.isEmpty()) {
            channel.eventLoop().execute(this);
        }
    }

    final void clearReadPending() {
        readPending = false;
    }

    boolean isWanted() {
        return readPending || channel.config().isAutoRead();
    }

    /** Whether somebody else than the pipeline takes what comes, even if that is in the middle of a read loop. */
    boolean isDiverted() {
        return false;
    }

    final boolean isEmpty() {
        return inbox.isEmpty();
    }

    /** The next message. */
    final M peek() {
        return inbox.peekFirst();
    }

    /** Whether all messages that wait are of a class. */
    final boolean isEveryKept(Class<? extends M> type) {
        return inbox.stream().allMatch(type::isInstance);
    }

    /** The next message is used up. */
    final void discardFirst() {
        discard(inbox.pollFirst());
    }

    /** The kernel delivered a message. */
    final void arrived(M message) {
        inbox.addLast(message);
        deliver();
    }

    /** Delivers what there is, as a task. The channel may have moved to another event loop, which looks for itself. */
    @Override
    public final void run() {
        if (channel.eventLoop().inEventLoop()) {
            deliver();
        }
    }

    final void deliver() {
        if (delivering || !channel.isOnLoop()) {
            return;
        }
        delivering = true;
        try {
            while (!inbox.isEmpty() && !isDiverted() && (open || isWanted())) {
                deliverOne();
            }
        } finally {
            delivering = false;
        }
    }

    private void deliverOne() {
        RecvByteBufAllocator.ExtendedHandle handle = handle();
        if (!open) {
            open(handle);
        }
        M message = next(inbox);
        if (message == null) {
            return; // who was told of the allocator's fault closed the channel
        }
        tell(handle, message);
        readPending = false;
        fireRead(message);
        if (!continues(handle)) {
            complete();
        }
    }

    /** Throws nothing, as pipelines may: if the executor of a handler takes no more tasks. */
    private void fireRead(M message) {
        try {
            channel.pipeline().fireChannelRead(message);
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    private void tell(RecvByteBufAllocator.ExtendedHandle handle, M message) {
        int size = size(message);
        try {
            handle.attemptedBytesRead(size);
            handle.lastBytesRead(size);
            handle.incMessagesRead(count(message));
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    private boolean continues(RecvByteBufAllocator.ExtendedHandle handle) {
        try {
            return handle.continueReading();
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
            return false;
        }
    }

    /** How many bytes the user's allocator would receive at a time; at least 1. */
    final int guess() {
        RecvByteBufAllocator.ExtendedHandle handle = handle();
        if (!open) {
            reset(handle); // some count on what the loop before left
        }
        try {
            return Math.max(1, handle.guess());
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
            return Integer.MAX_VALUE;
        }
    }

    private void reset(RecvByteBufAllocator.ExtendedHandle handle) {
        try {
            handle.reset(channel.config());
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    /** One of ours if the user's allocator, which was asked when it was set, has none now. */
    private RecvByteBufAllocator.ExtendedHandle handle() {
        try {
            return Objects.requireNonNull(
                    (RecvByteBufAllocator.ExtendedHandle) channel.unsafe().recvBufAllocHandle());
        } catch (Throwable cause) {
            RecvByteBufAllocator sound = new WholePieces();
            channel.config().setRecvByteBufAllocator(sound); // which is asked from now on
            channel.pipeline().fireExceptionCaught(cause);
            return (RecvByteBufAllocator.ExtendedHandle) sound.newHandle();
        }
    }

    private void open(RecvByteBufAllocator.ExtendedHandle handle) {
        reset(handle);
        open = true;
        callAtTurnEnd();
    }

    final void callAtTurnEnd() {
        if (!atTurnEnd) {
            atTurnEnd = true;
            channel.handler().atTurnEnd(this);
        }
    }

    /** The channel leaves its event loop, which must not touch this any more. */
    void leaveLoop() {
        if (open) {
            complete();
        }
        atTurnEnd = false;
        channel.handler().forget(this);
    }

    /** What belongs together has been delivered: the read loop ends before the turn does. */
    final void endLoop() {
        if (open) {
            complete();
        }
    }

    private void complete() {
        open = false;
        try {
            handle().readComplete();
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
        }
        try {
            channel.pipeline().fireChannelReadComplete();
        } catch (Throwable cause) {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    /** Whether a read loop has begun, and may go on. */
    final boolean isOpen() {
        return open;
    }

    /** Whether another message, if there is one, comes with the next turn. */
    boolean isMoreToCome() {
        return false;
    }

    /** All completions of the turn are handled: the loop is complete, however much it read, unless more is to come. */
    final void turnEnded() {
        atTurnEnd = false;
        if (open && !isMoreToCome()) {
            complete();
        }
        delivered();
    }

    /** One last loop, of which nothing more comes: even one that reads nothing is completed, as Netty's are. */
    final void completeLast() {
        if (!open) {
            reset(handle());
        }
        readPending = false;
        complete();
    }

    /** The channel is closed: what was not read is thrown away. */
    final void discardAll() {
        for (M message = inbox.pollFirst(); message != null; message = inbox.pollFirst()) {
            discard(message);
        }
    }
}
