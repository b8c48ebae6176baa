// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Sends a file's region. What is in the page cache goes to the socket at once, by sendfile(2), a {@linkplain FairShare share}
 * at a time. Once something is not, the rest goes {@linkplain ChunkTransfer chunk by chunk}. It holds on to the region, and so
 * keeps the file open, as long as the kernel has an operation. Loop thread only.
 */
final class FileTransfer extends Operation {
    private enum Step {
        IDLE,
        SEND,
        AWAIT_ROOM,
        COMPLETE
    }

    private final UringStreamChannel channel;
    private final StreamSender sender;
    private final CachedSend cached = new CachedSend();
    private final ChunkTransfer chunks;
    private Step step = Step.IDLE;
    private DefaultFileRegion region;
    private FileDescriptor file;

    FileTransfer(UringStreamChannel channel, StreamSender sender) {
        this.channel = channel;
        this.sender = sender;
        chunks = new ChunkTransfer(channel, this);
    }

    CachedSend cached() {
        return cached;
    }

    boolean isBusy() {
        return step != Step.IDLE;
    }

    /** The request that can be cancelled, if one is in flight. */
    Operation current() {
        return chunks.isInFlight() ? chunks : this;
    }

    /** Begins to send what is left of a region; {@code false} if it is of a kind that must be asked for its bytes. */
    boolean begin(FileRegion message) throws IOException {
        file = FileRegions.open(message);
        if (file == null) {
            return false;
        }
        if (cached.begin(channel, message, fd())) {
            channel.socket().makeNonBlocking();
        }
        region = (DefaultFileRegion) message;
        region.retain();
        chunks.reset();
        try {
            if (cached.hasFound(region) || sender.mayTryNow()) {
                goOnSending();
            } else {
                awaitTurn();
            }
        } catch (UncheckedIOException noMemory) {
            end();
            throw noMemory;
        }
        return true;
    }

    int fd() {
        return RegionFields.fd(file);
    }

    /** Whether the file is still open. */
    boolean isOpen() {
        return file.valid();
    }

    /** How many bytes of the region have not been sent. */
    long left() {
        return FileRegions.left(region);
    }

    /** Where in the file the first of those is. */
    long offset() {
        return FileRegions.offset(region);
    }

    private void goOnSending() {
        step = Step.SEND;
        if (cached.isOver()) {
            chunks.next();
        } else {
            sendCached();
        }
    }

    private void sendCached() {
        int sent = 0;
        do {
            int bytes = cached.send(channel, region, fd());
            if (bytes < 0) {
                fail(Errno.newSocketException("sendfile", bytes));
                return;
            }
            sender.triedNow(bytes);
            if (bytes > 0 && account(bytes)) {
                return;
            }
            sent += bytes;
        } while (cached.goesOn() && sent < FairShare.BYTES);
        if (cached.isOver()) {
            chunks.next(); // if anything is wrong with the file, it is found out there
        } else if (cached.goesOn()) {
            awaitTurn();
        } else {
            awaitRoom();
        }
    }

    private void awaitTurn() {
        step = Step.SEND;
        cached.forget();
        channel.submit(this);
    }

    /** Others have their turn first. */
    @Override
    protected void encode(Submission sqe) {
        FairShare.awaitTurnToSend(sqe, channel.socket().fd());
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (endIfOver()) {
            return;
        }
        if (result < 0 && !Errno.isTransient(-result)) {
            fail(Errno.newSocketException("send", result));
        } else {
            goOn(this::goOnSending);
        }
    }

    /** The socket has no room. */
    void awaitRoom() {
        step = Step.AWAIT_ROOM;
        sender.awaitRoom();
    }

    /** The socket may have room, if that was waited for. */
    void hasRoom() {
        if (step == Step.AWAIT_ROOM && !endIfOver()) {
            step = Step.SEND;
            goOn(chunks.isKept() ? chunks::sendKept : this::goOnSending);
        }
    }

    /** {@code true} if it was closed, or its output shut down, meanwhile: the write has failed already. */
    boolean endIfOver() {
        if (channel.unsafe().outboundBuffer() == null) {
            end();
            return true;
        }
        return false;
    }

    /** Does what comes next, unless the channel is leaving its loop: its next one begins the rest anew. */
    void goOn(Runnable next) {
        if (channel.canSubmit()) {
            next.run();
        } else {
            end();
        }
    }

    /** The file has no more bytes, but the region: as with Netty's other transports it is tried again if it has by now. */
    void reachedEnd() {
        try {
            channel.checkNotTruncated(region, region.transferred());
        } catch (IOException truncated) {
            fail(truncated);
            return;
        }
        end();
        if (channel.canSubmit()) {
            sender.flushLater();
        }
    }

    /** So many bytes more are on their way. Returns whether those were all, or nobody wants them any more. */
    boolean account(int bytes) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        FileRegions.transferred(region, bytes);
        out.progress(bytes);
        if (channel.unsafe().outboundBuffer() == null) {
            end(); // a listener closed the channel, or shut its output down
        }
        if (step == Step.IDLE) {
            return true; // or moved it to another loop
        }
        if (left() > 0) {
            return false;
        }
        step = Step.COMPLETE; // listeners may flush, but it is not their turn
        release();
        out.remove();
        step = Step.IDLE;
        sender.tryAgain(out);
        channel.flushMore();
        return true;
    }

    void fail(IOException cause) {
        end();
        channel.writeFailed(cause);
    }

    private void end() {
        if (step != Step.IDLE && step != Step.COMPLETE) {
            step = Step.IDLE;
            release();
        }
    }

    private void release() {
        region.release();
        region = null;
        file = null;
        chunks.giveBack();
    }

    /** The channel is closed, or leaves its event loop. What is in flight ends by itself. */
    void stop() {
        chunks.leaveLine();
        cached.forget();
        if (!isInFlight() && !chunks.isInFlight()) {
            end();
        }
    }

    @Override
    public String toString() {
        return "awaiting its turn to send a file on " + channel;
    }
}
