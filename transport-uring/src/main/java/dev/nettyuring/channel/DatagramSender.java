// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The sending half of a datagram channel: each message that is flushed is an operation of its own, many in flight at a time,
 * handed to the kernel together. They are taken off the {@link ChannelOutboundBuffer} in their order, when they and those
 * before them are done; one that fails fails its own promise only. Loop thread only.
 */
final class DatagramSender implements ChannelOutboundBuffer.MessageProcessor {
    /** Enough to make the system call's cost small; what they hold is bounded by it. */
    static final int MAX_IN_FLIGHT = 64;

    private static final int MAX_REFUSED = 1024;

    private final AbstractUringDatagramChannel channel;
    /** Those of the first messages of the outbound buffer, in their order. */
    private final Deque<DatagramSend> queue = new ArrayDeque<>();

    private final Deque<DatagramSend> idle = new ArrayDeque<>();
    /** To whom the kernel would not send in segments of such a size, in bytes, or larger. */
    private final Map<Object, Integer> refused = new HashMap<>();

    private int toSkip;
    private int limit;
    private boolean accounting;
    private final Runnable continueTask = this::continueIfStillHere;
    private long completions;

    DatagramSender(AbstractUringDatagramChannel channel) {
        this.channel = channel;
    }

    boolean isBusy() {
        return !queue.isEmpty();
    }

    /** Those that may be in flight. */
    Deque<DatagramSend> sends() {
        return queue;
    }

    /** Sends what is flushed: by calls of our own if nothing is on its way, and what those leave by the ring. */
    void write(ChannelOutboundBuffer out) throws Exception {
        if (queue.isEmpty() && sendAtOnce(out)) {
            return;
        }
        limit = channel.sendsAtOnce();
        // not for every completion: those before it would be skipped over each time
        if (queue.size() <= limit / 2 && out.size() > queue.size()) {
            toSkip = queue.size();
            out.forEachFlushedMessage(this);
        }
        account();
        if (queue.isEmpty()) {
            continueLater(out); // no completion will
        }
    }

    /**
     * Sends without waiting for room.
     *
     * @return {@code false} if the next message has to go by the ring
     */
    private boolean sendAtOnce(ChannelOutboundBuffer out) throws Exception {
        int left = channel.messagesAtOnce();
        while (left > 0 && !out.isEmpty() && out == channel.unsafe().outboundBuffer()) {
            DatagramBatch batch = channel.handler().datagramBatch();
            if (gathered(batch, out, left) == 0) {
                return false;
            }
            int result = batch.send(channel.socket().fd(), channel.format().sendFlags());
            if (result > 0) {
                left -= result;
                sentAtOnce(out, result);
            } else if (result == -Errno.EAGAIN || (batch.isFirstSegmented() && isRefusal(result))) {
                return false;
            } else if (result != -Errno.EINTR) {
                left--;
                completed();
                takeOffFirst(out, channel.format().failure("sendmsg", result));
            }
        }
        continueLater(out);
        return true;
    }

    private void continueLater(ChannelOutboundBuffer out) {
        removeCancelled(out);
        if (!out.isEmpty()) {
            channel.eventLoop().execute(continueTask);
        }
    }

    private int gathered(DatagramBatch batch, ChannelOutboundBuffer out, int limit) throws Exception {
        try {
            return batch.gather(out, channel, this, limit);
        } catch (UncheckedIOException noMemory) {
            return 0; // by the ring each fails, or not, by itself
        }
    }

    private void sentAtOnce(ChannelOutboundBuffer out, int messages) {
        channel.sent();
        completions += messages;
        for (int i = 0; i < messages && out == channel.unsafe().outboundBuffer(); i++) {
            takeOffFirst(out, null);
        }
    }

    /** The channel may have moved to another event loop, which goes on by itself. */
    private void continueIfStillHere() {
        if (channel.eventLoop().inEventLoop()) {
            channel.flushMore();
        }
    }

    /** Takes the first message that was not cancelled before it was flushed off the outbound buffer. */
    private static void takeOffFirst(ChannelOutboundBuffer out, Throwable failure) {
        removeCancelled(out);
        if (failure != null) {
            out.remove(failure);
            return;
        }
        out.progress(DatagramSend.content(out.current()).readableBytes());
        out.remove();
    }

    /** Takes messages that were cancelled before they were flushed off the front of the outbound buffer. */
    private static void removeCancelled(ChannelOutboundBuffer out) {
        while (out.current() == Unpooled.EMPTY_BUFFER) {
            out.remove();
        }
    }

    @Override
    public boolean processMessage(Object message) {
        if (toSkip > 0) {
            toSkip--;
            return true;
        }
        DatagramSend send = idle.pollFirst();
        if (send == null) {
            send = new DatagramSend(channel, this);
        }
        queue.addLast(send);
        send.begin(message);
        if (send.isDone()) {
            completed();
        }
        return queue.size() < limit;
    }

    /** The kernel answered, or need not be asked. */
    void completed() {
        completions++;
    }

    /** A send that was in the queue is over. */
    void ended() {
        account();
        if (queue.size() <= limit / 2) {
            channel.flushMore();
        }
    }

    /** Takes what is done off the outbound buffer. A promise's listener may write more, or close the channel. */
    private void account() {
        if (accounting) {
            return;
        }
        accounting = true;
        try {
            for (DatagramSend first = queue.peekFirst(); first != null && first.isDone(); first = queue.peekFirst()) {
                ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
                if (out == null) {
                    return; // closed
                }
                takeOff(out, first);
            }
        } finally {
            accounting = false;
        }
    }

    private void takeOff(ChannelOutboundBuffer out, DatagramSend send) {
        Object message = send.message();
        Throwable failure = send.failure();
        removeCancelled(out);
        // else it was flushed while the channel was not active, and all that waited has failed
        boolean waits = out.current() == message;
        if (waits && failure == null) {
            out.progress(send.length()); // a listener may flush, when this is in the queue as it is in the buffer
        }
        if (queue.peekFirst() != send) {
            return; // a listener closed the channel
        }
        queue.pollFirst();
        send.reset();
        if (idle.size() < MAX_IN_FLIGHT) {
            idle.addFirst(send);
        }
        if (waits && failure == null) {
            out.remove();
        } else if (waits) {
            out.remove(failure);
        }
    }

    /** Who is on the other side, of those that may refuse segments. */
    Object path(SocketAddress recipient) {
        return channel.format().path(recipient != null ? recipient : channel.remoteAddress());
    }

    /** Whether the kernel will not cut messages to somebody into segments of that size. */
    boolean refuses(Object path, int segmentSize) {
        return !refused.isEmpty() && refused.getOrDefault(path, Integer.MAX_VALUE) <= segmentSize;
    }

    /** It would not: they are sent one by one from now on. With EIO it cuts none, since the network card would have to. */
    void refused(Object path, int segmentSize, int result) {
        if (refused.size() >= MAX_REFUSED) {
            refused.clear();
        }
        refused.merge(path, result == -Errno.EIO ? 1 : segmentSize, Math::min);
    }

    /**
     * Lets the kernel try at once to send what was flushed, as a system call would have when it was flushed: closing must not
     * overtake it. What listeners flush meanwhile is not waited for.
     */
    void settle() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        long all = completions + (out == null ? 0 : out.size());
        long before = completions - 1;
        while (channel.canSubmit() && completions != before && completions < all) {
            before = completions;
            DatagramSend first = firstInFlight();
            if (first == null) {
                channel.flushMore();
            } else {
                channel.handler().ring().settle(first);
            }
        }
    }

    private DatagramSend firstInFlight() {
        for (DatagramSend send : queue) {
            if (send.isInFlight()) {
                return send;
            }
        }
        return null;
    }

    /** The channel has a loop: what its last loop did not get away goes. */
    void resume() {
        for (DatagramSend send : queue) {
            send.resume();
        }
    }

    /** The channel leaves its event loop. */
    void leaveLoop() {
        idle.clear();
    }

    /** The channel is closed. What is in flight keeps its memory by itself. */
    void close() {
        for (DatagramSend send : queue) {
            send.abandon();
        }
        queue.clear();
        idle.clear();
    }

    @Override
    public String toString() {
        return "sender of " + channel;
    }

    /** Whether the kernel's answer to a message in segments means that it will not cut them. */
    static boolean isRefusal(int result) {
        return result == -Errno.EIO || result == -Errno.EINVAL || result == -Errno.EMSGSIZE;
    }
}
