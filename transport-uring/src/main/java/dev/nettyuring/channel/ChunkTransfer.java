// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/**
 * Sends what of a file is not known to be cached, which is the business of the kernel's workers, who may wait for the disk: READ
 * of a chunk into pooled memory, SEND of it, and so on, one at a time, or, where there is more, SPLICE to a pipe, and then
 * splice(2) to the socket, which does not wait. Where the kernel does not tell what is cached, a small region is read into
 * memory without a worker, as far as it is. While the peer takes nothing, the region has no chunk, but for some that may keep
 * theirs ({@link RegionChunks}); what was fetched in vain is fetched again. Loop thread only.
 */
final class ChunkTransfer extends Operation {
    /** docs/experiments.md has the figures. */
    static final int CHUNK_BYTES = 256 << 10;
    /** Less is not worth a worker. */
    private static final int MIN_SPLICED_BYTES = 512 << 10;

    private enum Step {
        IDLE,
        IN_LINE,
        READ,
        SEND,
        SPLICE
    }

    private final UringStreamChannel channel;
    private final FileTransfer transfer;
    private Step step = Step.IDLE;
    /** Where there is a chunk, or a place in line for one. */
    private RegionChunks places;

    private final ReadChunk chunk = new ReadChunk();
    /** Instead of the memory. */
    private final PipedChunk piped = new PipedChunk();

    private boolean kept;
    private boolean splices;

    ChunkTransfer(UringStreamChannel channel, FileTransfer transfer) {
        this.channel = channel;
        this.transfer = transfer;
    }

    /** The next is of another region. */
    void reset() {
        chunk.reset();
        splices = transfer.left() >= MIN_SPLICED_BYTES;
    }

    /** Fetches what is next, and sends it, and all that follows unless the transfer is told to wait. */
    void next() {
        step = Step.IN_LINE;
        places = channel.handler().regionChunks();
        if (places.take(this)) {
            granted();
        }
    }

    /** There may be a chunk now. By then the channel may be closing. */
    void granted() {
        transfer.goOn(this::fetch);
    }

    private void fetch() {
        try {
            if (transfer.cached().canBeRead() && !splices) {
                readCached();
            } else if (splices && piped.take(channel)) {
                submit(Step.SPLICE);
            } else {
                chunk.allocate(transfer.left());
                submit(Step.READ);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            transfer.fail(new IOException("no memory to read a file to", e));
        }
    }

    private void readCached() {
        chunk.allocate(transfer.left());
        int result = chunk.readCached(channel.handler().pageCache(), transfer.fd(), transfer.offset());
        if (result > 0) {
            chunk.filled(result, transfer.offset(), transfer.left());
            send();
            return;
        }
        transfer.cached().end();
        readAgain();
    }

    private void submit(Step step) {
        this.step = step;
        channel.submit(this);
    }

    @Override
    protected void encode(Submission sqe) {
        switch (step) {
            case READ:
                chunk.encodeRead(sqe, transfer.fd(), transfer.offset());
                break;
            case SEND:
                chunk.encodeSend(sqe, channel.socket().fd(), kept ? 0 : SocketAbi.MSG_DONTWAIT);
                break;
            case SPLICE:
                piped.encode(sqe, transfer.fd(), transfer.offset(), transfer.left());
                break;
            default:
                throw new IllegalStateException("step: " + step);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (step == Step.SPLICE && result > 0) {
            piped.filled(result); // also if it is over: a pipe is not another's with bytes in it
        }
        if (transfer.endIfOver()) {
            return;
        }
        switch (step) {
            case READ:
                wasRead(result);
                break;
            case SEND:
                wasSent(result);
                break;
            default:
                wasSpliced(result);
        }
    }

    private void wasRead(int result) {
        if (chunk.filled(result, transfer.offset(), transfer.left())) {
            transfer.goOn(this::send);
        } else if (result >= 0) {
            transfer.reachedEnd();
        } else if (result == -Errno.EINVAL && !chunk.readsBlocks()) {
            chunk.readBlocks();
            transfer.goOn(this::readAgain);
        } else if (Errno.isTransient(-result)) {
            transfer.goOn(this::readAgain);
        } else {
            transfer.fail(
                    transfer.isOpen()
                            ? Errno.newIOException("read of a file region", result)
                            : new ClosedChannelException());
        }
    }

    private void readAgain() {
        chunk.giveBack();
        fetch();
    }

    private void send() {
        kept = !channel.isPeerClosing() && places.keep();
        submit(Step.SEND);
    }

    private void wasSent(int result) {
        boolean waited = kept;
        letGo();
        if (result > 0) {
            chunk.sent(result);
            if (transfer.account(result)) {
                return;
            }
        } else if (!Errno.isTransient(-result)) {
            transfer.fail(Errno.newSocketException("send", result));
            return;
        }
        boolean full = !chunk.isEmpty();
        if (full && waited) {
            transfer.goOn(this::send);
        } else {
            giveBack();
            transfer.goOn(full ? transfer::awaitRoom : this::next);
        }
    }

    private void wasSpliced(int result) {
        if (!transfer.isOpen()) {
            transfer.fail(new ClosedChannelException()); // the worker may have found another file by that number
        } else if (result > 0) {
            transfer.goOn(this::emptyPipe);
        } else if (result == 0) {
            transfer.reachedEnd();
        } else {
            splices = result == -Errno.ECANCELED; // reading tells what is wrong, or does with this kind of file
            piped.giveBack();
            transfer.goOn(this::fetch);
        }
    }

    private void emptyPipe() {
        while (!piped.isEmpty()) {
            int result = piped.moveTo(channel.socket().fd());
            if (result > 0) {
                if (transfer.account(result)) {
                    return;
                }
            } else if (result == -Errno.EAGAIN) {
                awaitRoom();
                return;
            } else if (result != -Errno.EINTR) {
                transfer.fail(Errno.newSocketException("splice", result));
                return;
            }
        }
        giveBack();
        transfer.goOn(this::next);
    }

    private void awaitRoom() {
        kept = places.keep();
        if (!kept) {
            giveBack();
        }
        transfer.awaitRoom();
    }

    /** Whether there is a chunk that waits for room. */
    boolean isKept() {
        return kept;
    }

    /** There may be room. */
    void sendKept() {
        letGo();
        emptyPipe();
    }

    private void letGo() {
        if (kept) {
            kept = false;
            places.sent();
        }
    }

    /** Gives back the chunk, and its place, if there is one. */
    void giveBack() {
        letGo();
        step = Step.IDLE;
        piped.giveBack();
        chunk.giveBack();
        RegionChunks places = this.places;
        this.places = null;
        if (places != null) {
            places.giveBack();
        }
    }

    /** If it has no chunk yet, it is to have none. */
    void leaveLine() {
        if (step == Step.IN_LINE) {
            step = Step.IDLE;
            places.leaveLine(this);
            places = null;
        }
    }

    @Override
    public String toString() {
        return step + " of a file's chunk, on " + channel;
    }
}
