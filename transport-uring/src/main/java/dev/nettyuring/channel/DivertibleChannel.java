// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.RegionFields;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** A channel whose bytes can go past its pipeline: from or to a buffer of the user's, to another channel, or to a file. */
abstract class DivertibleChannel extends UringDuplexChannel {
    DivertibleChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
    }

    abstract StreamReceiver receiver();

    /**
     * Receives into a buffer of the caller's: the kernel writes straight to it, from its writer index on and no further than
     * its capacity, and nothing of that goes through the pipeline. Auto-read must be off, and no {@code read()} under way.
     *
     * <p>Until the future is done the buffer is the kernel's, and must not be touched; it may be released, which takes effect
     * afterwards. What was received before the call is copied into it, and is then all that this read brings. The future gives
     * the same buffer, with what was received, or with nothing more than before at the end of the stream. It fails if the
     * channel is closed before anything arrives. Cancelling it asks the kernel to stop: the future is then cancelled or, if
     * something had arrived, successful.
     *
     * <p>Any thread; the future's listeners are called by the event loop.
     *
     * @param buffer direct, in one piece, with room to write
     * @throws IllegalArgumentException if it is not
     * @return fails with {@link IllegalStateException} if the pipeline is reading, or another such read is under way
     */
    public Future<ByteBuf> readInto(ByteBuf buffer) {
        checkDirect(buffer);
        if (buffer.isReadOnly() || !buffer.isWritable()) {
            throw new IllegalArgumentException("buffer: " + buffer + " (expected: one with room to write)");
        }
        BufferRead.ReadPromise promise = receiver().diversions().bufferRead().new ReadPromise(eventLoop());
        buffer.retain();
        onEventLoop(() -> receiver().readInto(buffer, promise));
        return promise;
    }

    /**
     * Writes and flushes what is readable of a buffer that stays the caller's: when the future is done, nobody reads its
     * memory any more, neither a handler nor the kernel, although a zero-copy send may have done so long after the bytes were
     * written. It keeps its order with other writes. Until then the buffer must not be changed; it may be released, which
     * takes effect afterwards. Any thread.
     *
     * <p>What was sent by zero copy before the event loop ended is done when the kernel is, all the same; listeners, which the
     * loop would call, are then not called.
     *
     * @param buffer direct, in one piece
     * @throws IllegalArgumentException if it is not
     * @return gives the same buffer, its reader index at its writer index; or fails as the write does
     */
    public Future<ByteBuf> writeFrom(ByteBuf buffer) {
        checkDirect(buffer);
        return LentWrite.of(buffer, this);
    }

    private static void checkDirect(ByteBuf buffer) {
        if (!buffer.isDirect() || buffer.nioBufferCount() != 1) {
            throw new IllegalArgumentException("buffer: " + buffer + " (expected: a direct one, in one piece)");
        }
    }

    private SpliceSource splices() {
        return receiver().diversions().splices();
    }

    /**
     * Passes on the next bytes that this channel receives to another one within the kernel: none of them is copied to user
     * space, or goes through either pipeline. What both pipelines' handlers hold back is not seen, and with an
     * {@code SslHandler} in either it fails.
     *
     * <p>It takes what was received and not read yet, then what arrives. (Called by another thread than the event loop's while
     * {@code autoRead} is on, the pipeline may get more before it begins.) Reading by the pipeline pauses until it is over, and
     * then goes on with what follows, as {@code autoRead} and {@code read()} say. On the target it has its place among what is
     * written there: what was written before goes before, flushed or not, and what is written later waits for its end, so that
     * bytes of this stream that a handler has already are to be written before this is called. Several splices of one source
     * follow each other.
     *
     * <p>The future succeeds when all is sent, or with {@code Long.MAX_VALUE} when the stream ended. It fails if the stream ends
     * or the source is closed before that ({@link ClosedChannelException}), after what was taken has reached the target, or if
     * the target is closed or its output is shut down; what was taken from the source by then and did not go out is lost.
     * {@link SpliceFuture#transferred()} tells how much did go out.
     *
     * <p>The target may be on another event loop, though one loop for both is faster. Any thread; listeners are called by the
     * source's event loop.
     *
     * @param length in bytes; {@code Long.MAX_VALUE}: until the end of the stream. {@code Integer.MAX_VALUE} is a number like
     *     any other, which it is not for Netty's epoll
     * @return fails with {@link java.nio.channels.NotYetConnectedException} if either is not connected, with
     *     {@link IllegalStateException} during {@link #readInto} or if there is an {@code SslHandler}, and with
     *     {@link IOException} if there is no file descriptor for a pipe; what was not taken is then there to be read
     * @throws IllegalArgumentException if the length is negative
     */
    public SpliceFuture spliceTo(UringStreamChannel target, long length) {
        return splices().start(new SocketSink(target), length);
    }

    /**
     * {@link #spliceTo(UringStreamChannel, long)}, and the promise gets the same outcome, and progress if it is a
     * {@link io.netty.channel.ChannelProgressivePromise}. If it is cancelled, so is the future that is returned, which tells
     * when everything is over.
     */
    public SpliceFuture spliceTo(UringStreamChannel target, long length, ChannelPromise promise) {
        return splices().start(new SocketSink(target), length).cascadeTo(promise);
    }

    /**
     * The same into a file. A thread of the kernel's writes it.
     *
     * @param file open for writing, not for appending, and until the future is done; its position does not matter and stays
     * @param offset where in the file, in bytes
     * @throws IllegalArgumentException if the offset or the length is negative, or the file is closed, or not of the default
     *     file system
     */
    public SpliceFuture spliceTo(FileChannel file, long offset, long length) {
        int fd = RegionFields.fd(file);
        if (fd < 0) {
            throw new IllegalArgumentException("file: " + file + " (expected: open, of the default file system)");
        }
        return splices().start(new FileSink(splices().channel(), fd, offset), length);
    }

    /**
     * The same into a file that is known by its descriptor's number.
     *
     * @param file open for writing, not for appending, and until the future is done
     * @param offset where in the file, in bytes
     * @throws IllegalArgumentException if the offset or the length is negative
     */
    public SpliceFuture spliceTo(FileDescriptor file, long offset, long length) {
        return splices().start(new FileSink(splices().channel(), file.intValue(), offset), length);
    }

    /** {@link #spliceTo(FileDescriptor, long, long)}, and the promise gets the same outcome. */
    public SpliceFuture spliceTo(FileDescriptor file, long offset, long length, ChannelPromise promise) {
        return splices()
                .start(new FileSink(splices().channel(), file.intValue(), offset), length)
                .cascadeTo(promise);
    }
}
