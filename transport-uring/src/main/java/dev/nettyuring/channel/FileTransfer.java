// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;

/**
 * Sends a file's region. What is in the page cache goes to the socket at once, by sendfile(2). Once something is not, the rest
 * is the business of the kernel's workers, who may wait for the disk: READ of a chunk into pooled memory, SEND of it, and so
 * on, one at a time, or, where there is more, SPLICE to a pipe, and then splice(2) to the socket, which does not wait. Where
 * the kernel does not tell what is cached, a small region is read into memory without a worker, as far as it is. While the peer
 * takes nothing, the region has no chunk, and polls; what was fetched in vain is fetched again. It holds on to the region, and
 * so keeps the file open, as long as the kernel has an operation. Loop thread only.
 */
final class FileTransfer extends Operation {
    /** docs/experiments.md has the figures. */
    static final int CHUNK_BYTES = 256 << 10;
    /** Less is not worth a worker. */
    private static final int MIN_SPLICED_BYTES = 512 << 10;

    private enum Step {
        IDLE,
        SEND_CACHED,
        IN_LINE,
        READ,
        SEND,
        SPLICE,
        AWAIT_ROOM_FOR_PIPE,
        AWAIT_ROOM,
        AWAIT_TURN,
        COMPLETE
    }

    private final UringStreamChannel channel;
    private final StreamSender sender;
    private Step step = Step.IDLE;
    private DefaultFileRegion region;
    private FileDescriptor file;
    /** Where there is a chunk, or a place in line for one. */
    private RegionChunks chunks;

    private final ReadChunk chunk = new ReadChunk();
    private boolean kept;
    /** Instead of the memory. */
    private final PipedChunk piped = new PipedChunk();

    private boolean splices;
    private final CachedSend cached = new CachedSend();

    FileTransfer(UringStreamChannel channel, StreamSender sender) {
        this.channel = channel;
        this.sender = sender;
    }

    CachedSend cached() {
        return cached;
    }

    boolean isBusy() {
        return step != Step.IDLE;
    }

    /** Begins to send what is left of a region; {@code false} if it is of a kind that must be asked for its bytes. */
    boolean begin(FileRegion message) throws IOException {
        file = FileRegions.open(message);
        if (file == null) {
            return false;
        }
        if (cached.begin(channel, message, RegionFields.fd(file))) {
            channel.socket().makeNonBlocking();
        }
        region = (DefaultFileRegion) message;
        region.retain();
        chunk.reset();
        splices = left() >= MIN_SPLICED_BYTES;
        try {
            goOnSending();
        } catch (UncheckedIOException noMemory) {
            end();
            throw noMemory;
        }
        return true;
    }

    private void goOnSending() {
        if (cached.isOver()) {
            nextChunk();
        } else {
            step = Step.SEND_CACHED;
            sendCached();
        }
    }

    private void sendCached() {
        int sent = 0;
        do {
            int bytes = cached.send(channel, region, RegionFields.fd(file));
            if (bytes < 0) {
                fail(Errno.newSocketException("sendfile", bytes));
                return;
            }
            if (bytes > 0 && account(bytes)) {
                return;
            }
            sent += bytes;
        } while (cached.goesOn() && sent < FairShare.BYTES);
        if (cached.isOver()) {
            nextChunk(); // if anything is wrong with the file, it is found out there
        } else if (cached.goesOn()) {
            submit(Step.AWAIT_TURN);
        } else {
            awaitRoom();
        }
    }

    private void nextChunk() {
        step = Step.IN_LINE;
        chunks = channel.handler().regionChunks();
        if (chunks.take(this)) {
            granted();
        }
    }

    /** There may be a chunk now. */
    void granted() {
        try {
            if (cached.canBeRead() && !splices) {
                readCached();
            } else if (splices && piped.take(channel)) {
                submit(Step.SPLICE);
            } else {
                chunk.allocate(left());
                submit(Step.READ);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(new IOException("no memory to read a file to", e));
        }
    }

    private void readCached() {
        chunk.allocate(left());
        int result = chunk.readCached(channel.handler().pageCache(), RegionFields.fd(file), offset());
        if (result > 0) {
            chunk.filled(result, offset(), left());
            send();
            return;
        }
        cached.end();
        readAgain();
    }

    private long left() {
        return FileRegions.left(region);
    }

    private long offset() {
        return FileRegions.offset(region);
    }

    private void submit(Step step) {
        this.step = step;
        channel.submit(this);
    }

    @Override
    protected void encode(Submission sqe) {
        switch (step) {
            case READ:
                chunk.encodeRead(sqe, RegionFields.fd(file), offset());
                break;
            case SEND:
                chunk.encodeSend(sqe, channel.socket().fd(), kept ? 0 : SocketAbi.MSG_DONTWAIT);
                break;
            case SPLICE:
                piped.encode(sqe, RegionFields.fd(file), offset(), left());
                break;
            case AWAIT_TURN:
                FairShare.awaitTurnToSend(sqe, channel.socket().fd());
                break;
            default:
                throw new IllegalStateException("step: " + step);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (isOver()) {
            return;
        }
        switch (step) {
            case READ:
                wasRead(result);
                break;
            case SEND:
                wasSent(result);
                break;
            case SPLICE:
                wasSpliced(result);
                break;
            default:
                hadTurn(result);
        }
    }

    /** The socket may have room, if that was waited for. */
    void hasRoom() {
        if (isOver()) {
            return;
        }
        if (step == Step.AWAIT_ROOM_FOR_PIPE) {
            letGo();
            goOn(this::emptyPipe);
        } else if (step == Step.AWAIT_ROOM) {
            goOn(this::goOnSending);
        }
    }

    /** Closed, or output shut down, meanwhile: the write has failed already. */
    private boolean isOver() {
        if (channel.unsafe().outboundBuffer() == null) {
            end();
            return true;
        }
        return false;
    }

    /** Does what comes next, unless the channel is leaving its loop: its next one begins the rest anew. */
    private void goOn(Runnable next) {
        if (channel.canSubmit()) {
            next.run();
        } else {
            end();
        }
    }

    private void wasRead(int result) {
        if (chunk.filled(result, offset(), left())) {
            goOn(this::send);
        } else if (result >= 0) {
            reachedEnd();
        } else if (result == -Errno.EINVAL && !chunk.readsBlocks()) {
            chunk.readBlocks();
            goOn(this::readAgain);
        } else if (Errno.isTransient(-result)) {
            goOn(this::readAgain);
        } else {
            fail(file.valid() ? Errno.newIOException("read of a file region", result) : new ClosedChannelException());
        }
    }

    private void readAgain() {
        chunk.giveBack();
        granted();
    }

    private void wasSpliced(int result) {
        if (result > 0) {
            piped.filled(result);
            goOn(this::emptyPipe);
        } else if (result == 0) {
            reachedEnd();
        } else {
            splices = result == -Errno.ECANCELED; // reading tells what is wrong, or does with this kind of file
            piped.giveBack();
            goOn(this::granted);
        }
    }

    private void emptyPipe() {
        while (!piped.isEmpty()) {
            int result = piped.moveTo(channel.socket().fd());
            if (result > 0) {
                if (account(result)) {
                    return;
                }
            } else if (result == -Errno.EAGAIN) {
                awaitRoomForPipe();
                return;
            } else if (result != -Errno.EINTR) {
                fail(Errno.newSocketException("splice", result));
                return;
            }
        }
        giveBackChunk();
        goOn(this::nextChunk);
    }

    private void awaitRoomForPipe() {
        kept = chunks.keep();
        if (kept) {
            step = Step.AWAIT_ROOM_FOR_PIPE;
            sender.awaitRoom();
        } else {
            giveBackChunk();
            awaitRoom();
        }
    }

    /** The file has no more bytes, but the region: as with Netty's other transports it is tried again if it has by now. */
    private void reachedEnd() {
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

    private void send() {
        kept = !channel.isPeerClosing() && chunks.keep();
        submit(Step.SEND);
    }

    private void wasSent(int result) {
        boolean waited = kept;
        letGo();
        if (result > 0) {
            chunk.sent(result);
            if (account(result)) {
                return;
            }
        } else if (!Errno.isTransient(-result)) {
            fail(Errno.newSocketException("send", result));
            return;
        }
        boolean full = !chunk.isEmpty();
        if (full && waited) {
            goOn(this::send);
        } else {
            giveBackChunk();
            goOn(full ? this::awaitRoom : this::nextChunk);
        }
    }

    private void hadTurn(int result) {
        if (result < 0 && !Errno.isTransient(-result)) {
            fail(Errno.newSocketException("send", result));
        } else {
            goOn(this::goOnSending);
        }
    }

    private void awaitRoom() {
        step = Step.AWAIT_ROOM;
        sender.awaitRoom();
    }

    /** So many bytes more are on their way. Returns whether those were all, or nobody wants them any more. */
    private boolean account(int bytes) {
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

    private void fail(IOException cause) {
        end();
        channel.writeFailed(cause);
    }

    private void letGo() {
        if (kept) {
            kept = false;
            chunks.sent();
        }
    }

    private void giveBackChunk() {
        letGo();
        piped.giveBack();
        chunk.giveBack();
        RegionChunks chunks = this.chunks;
        this.chunks = null;
        if (chunks != null) {
            chunks.giveBack();
        }
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
        giveBackChunk();
    }

    /** The channel is closed, or leaves its event loop. What is in flight ends by itself. */
    void stop() {
        if (step == Step.IN_LINE) {
            chunks.leaveLine(this);
            chunks = null;
        }
        cached.forget();
        if (!isInFlight()) {
            end();
        }
    }

    @Override
    public String toString() {
        return "sending a file, step " + step + ", on " + channel;
    }
}
