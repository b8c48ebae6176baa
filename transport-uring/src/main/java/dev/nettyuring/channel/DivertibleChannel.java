// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.RegionFields;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** A channel whose bytes can go to another, or to a file, without going through its pipeline. */
abstract class SplicingChannel extends UringDuplexChannel {
    SplicingChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
    }

    abstract SpliceSource splices();

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
     *     {@link IllegalStateException} during {@link UringStreamChannel#readInto} or if there is an {@code SslHandler}, and with
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
