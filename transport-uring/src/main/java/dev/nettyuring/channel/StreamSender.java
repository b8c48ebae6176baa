// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Operation;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The sending half of a stream channel: everything that is flushed goes out in one SEND or SENDMSG, the next when that has
 * completed, so that bytes and promises keep their order; what consists of many buffers, or stands before a file that is cached,
 * is tried by sendmsg(2) first. With {@link ZeroCopy} a request has a second completion, when the memory is no longer needed;
 * the next request does not wait for that. Loop thread only.
 */
final class StreamSender {
    private static final long FLUSH_LATER_MILLIS = 1;
    /** So much counts as a try: 16, as there are by default, are a {@linkplain FairShare#BYTES share}. */
    private static final int BYTES_A_TRY = 64 << 10;

    private final UringStreamChannel channel;
    /** What the kernel is sending, and has not told yet how much of it was sent; {@code null} if there is nothing. */
    private Operation current;

    /** {@code null} before the first request that might be sent by zero copy. */
    private ZeroCopyChoice zeroCopyChoice;
    /** {@code null} before the first region that must be copied. */
    private RegionStage stage;
    /** Sends files; {@code null} before the first. */
    private FileTransfer transfer;
    /** {@code null} before the first time that something waits for room, but for a SEND, which does so in the kernel. */
    private WritablePoll room;

    private ScheduledFuture<?> flushLater;
    /** The promises of what was sent are being completed: their listeners may flush, but the rest is still to be counted. */
    private boolean accounting;

    private boolean lacksRoom;
    /**
     * How often sending may be tried at once until all that was flushed is sent: a listener that flushes at once what it writes
     * must not keep the loop for ever. Then the ring sends, one request in a turn.
     */
    private long triesNow = 1;
    /** Why there is no more to be sent, until it is time to say so; else {@code null}. */
    private IOException broken;

    StreamSender(UringStreamChannel channel) {
        this.channel = channel;
    }

    /** The request that can still be cancelled, or {@code null}. */
    Operation current() {
        if (current != null) {
            return current;
        }
        return transfer == null || isWaitingForRoom() ? room : transfer.current();
    }

    boolean isBusy() {
        return current != null
                || accounting
                || broken != null
                || isWaitingForRoom()
                || (transfer != null && transfer.isBusy());
    }

    private boolean isWaitingForRoom() {
        return room != null && room.isInFlight();
    }

    /** The peer has closed its output: what is sent must not wait in the kernel, which would be busy with it ({@link WritablePoll}). */
    void peerClosing() {
        if (current != null) {
            channel.handler().ring().cancel(current);
        }
    }

    /** What is next is to be tried again when the socket has room. */
    void awaitRoom() {
        if (channel.canSubmit()) {
            if (room == null) {
                room = new WritablePoll(channel, this);
            }
            channel.submit(room);
        }
    }

    /** Perhaps it has. */
    void hasRoom() {
        if (transfer != null && transfer.isBusy()) {
            transfer.hasRoom();
        } else {
            channel.flushMore();
        }
    }

    /** All writes are to fail with that, but not yet. */
    void broken(IOException cause) {
        broken = cause;
    }

    /** What all writes fail with now; {@code null} if they do not. */
    IOException takeBroken() {
        IOException cause = broken;
        broken = null;
        return cause;
    }

    /** Begins to send what is flushed, unless that goes on already. */
    void write(ChannelOutboundBuffer out) throws IOException {
        while (channel.canSubmit() && !isBusy() && !out.isEmpty()) {
            Object message = out.current();
            if (message instanceof SocketSink) {
                if (!((SocketSink) message).drain(out, this)) {
                    return;
                }
            } else if (message instanceof FileRegion
                    && !(copiesRegions() && CopiedRegions.isSmall((FileRegion) message))) {
                if (!sendRegion(out, (FileRegion) message)) {
                    return;
                }
            } else if (message instanceof PassedDescriptor) {
                DescriptorSend send = new DescriptorSend(channel, this);
                send.submit((PassedDescriptor) message);
                current = send;
            } else {
                StreamSend send = channel.handler().sends().take();
                if (send.gather(out, copiesRegions() ? this : null)) {
                    boolean mayTryNow = mayTryNow();
                    triedNow(send.bytes());
                    send(send, mayTryNow);
                } else {
                    channel.handler().sends().giveBack(send);
                    out.removeBytes(0); // empty buffers only
                    tryAgain(out);
                    if (message instanceof FileRegion && !sendRegion(out, (FileRegion) message)) {
                        return;
                    }
                }
            }
        }
    }

    /** Whether what is next may be sent at once. */
    boolean mayTryNow() {
        return triesNow > 0;
    }

    /** That was tried. */
    void triedNow(long bytes) {
        triesNow -= 1 + bytes / BYTES_A_TRY;
    }

    private boolean copiesRegions() {
        return !isStaged() && !lacksRoom;
    }

    /** Whether a region is cached, and goes to the socket without a copy if it begins now. */
    boolean findsCached(FileRegion region) {
        return transfer().cached().find(channel, region);
    }

    /** The peer did not take all of what was copied of a region: the rest waits without a copy. */
    void lacksRoom() {
        lacksRoom = true;
    }

    /** Sends a file, or the next piece of another region; {@code false} if that has nothing to give at the moment. */
    private boolean sendRegion(ChannelOutboundBuffer out, FileRegion region) throws IOException {
        if (!isStaged() && region.transferred() >= region.count()) {
            out.remove();
            return true;
        }
        lacksRoom = false;
        if (!isStaged()) {
            if (transfer().begin(region)) {
                return true;
            }
            if (!stage(region)) {
                flushLater();
                return false;
            }
            if (!channel.canSubmit()) {
                return false; // the region itself closed it
            }
        }
        StreamSend send = channel.handler().sends().take();
        send.add(stage.staged());
        send(send, false);
        return true;
    }

    private FileTransfer transfer() {
        if (transfer == null) {
            transfer = new FileTransfer(channel, this);
        }
        return transfer;
    }

    private boolean stage(FileRegion region) throws IOException {
        if (stage == null) {
            stage = new RegionStage(channel);
        }
        return stage.fill(region);
    }

    /** Whether a region's bytes are what is sent. */
    private boolean isStaged() {
        return stage != null && !stage.isEmpty();
    }

    private void send(StreamSend send, boolean mayTryNow) throws IOException {
        boolean followed = send.following() > 0;
        boolean zeroCopy = !isStaged() && !send.hasCopies() && !followed && isForZeroCopy(send.bytes());
        boolean tryNow = mayTryNow && !zeroCopy && (followed || (send.isMany() && !send.hasCopies()));
        if (!tryNow || !sendNow(send)) {
            if (followed) {
                transfer.cached().forget();
            }
            send.submit(channel, this, zeroCopy ? zeroCopyChoice.path() : null);
            current = send;
        }
    }

    /** {@code false} if the socket has no room: the kernel is to wait for that. */
    private boolean sendNow(StreamSend send) throws IOException {
        int result = send.sendNow(channel);
        if (result >= 0) {
            sent(result);
        } else if (!Errno.isTransient(-result)) {
            send.end();
            throw Errno.newSocketException("sendmsg", result);
        }
        return result >= 0;
    }

    private boolean isForZeroCopy(long bytes) {
        if (!ZeroCopyChoice.isThinkable(channel, bytes)) {
            return false;
        }
        if (zeroCopyChoice == null) {
            zeroCopyChoice = new ZeroCopyChoice(channel);
        }
        return zeroCopyChoice.isFor();
    }

    /** A file or region has nothing to give at the moment: it is asked again soon. */
    void flushLater() {
        if (flushLater == null) {
            flushLater = channel.eventLoop().schedule(this::flushNow, FLUSH_LATER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void flushNow() {
        flushLater = null;
        channel.flushMore();
    }

    /** The kernel has answered. */
    void ended(int result) {
        current = null;
        if (result >= 0) {
            sent(result);
        }
        goOn(result);
    }

    /** The kernel has answered a zero-copy send. */
    void endedZeroCopy(int result, ZeroCopyPaths.Path path) {
        if (result >= 0 || !ZeroCopyChoice.isShortage(-result)) {
            ended(result);
            return;
        }
        current = null;
        path.refused(System.nanoTime(), -result);
        if (channel.canSubmit()) { // else its next loop sends
            zeroCopyChoice.refused();
            channel.flushMore();
        }
    }

    private void sent(int bytes) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (out == null) {
            return; // closed, or output shut down, meanwhile
        }
        accounting = true;
        try {
            if (isStaged()) {
                regionSent(out, bytes);
            } else {
                SentBytes.takeOff(out, bytes);
            }
            tryAgain(out);
        } finally {
            accounting = false;
        }
    }

    /** Something was sent, or there was nothing in it: if it was the last, sending may be tried at once again. */
    void tryAgain(ChannelOutboundBuffer out) {
        if (out.isEmpty()) {
            triesNow = channel.config().getWriteSpinCount();
        }
    }

    /** The descriptor at the head is on its way, or the kernel would not take it. */
    void descriptorSent(int result) {
        current = null;
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (result > 0 && out != null) {
            accounting = true;
            out.remove();
            accounting = false;
        }
        goOn(result);
    }

    private void goOn(int result) {
        if (result == -Errno.EAGAIN && channel.isPeerClosing()) {
            awaitRoom();
        } else if (result >= 0 || Errno.isTransient(-result)) {
            channel.flushMore();
        } else if (channel.unsafe().outboundBuffer() != null) { // else all that was left has failed already
            channel.writeFailed(Errno.newSocketException("send", result));
        }
    }

    private void regionSent(ChannelOutboundBuffer out, int bytes) {
        stage.sent(bytes);
        out.progress(bytes);
        if (out.current() == null) {
            return; // a listener closed the channel
        }
        FileRegion region = (FileRegion) out.current();
        if (stage.isEmpty() && region.transferred() >= region.count()) {
            stage.release();
            out.remove();
        }
    }

    /**
     * Lets the kernel try at once to send what was flushed, as a blocking system call would have when it was flushed:
     * what comes next, closing or shutting down, must not overtake it.
     */
    void settle() {
        if (!channel.canSubmit()) {
            return;
        }
        for (int spins = channel.config().getWriteSpinCount(); spins > 0; spins--) {
            Operation settling = current();
            if (settling == null || !settling.isInFlight()) {
                return;
            }
            // of one by zero copy the answer comes before the end, and the next goes then
            if (!channel.handler().ring().settle(settling) && current() == settling) {
                return;
            }
        }
    }

    /** The channel leaves its event loop: the next may have other ways. */
    void leaveLoop() {
        zeroCopyChoice = null;
        broken = null;
        if (flushLater != null) {
            flushLater.cancel(false);
            flushLater = null;
        }
        stopTransfer();
    }

    private void stopTransfer() {
        if (transfer != null) {
            transfer.stop();
        }
    }

    /** The channel is closed. What is in flight keeps its memory by itself. */
    void close() {
        if (stage != null) {
            stage.release();
        }
        stopTransfer();
    }
}
