// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.jni.Abi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.ObjectUtil;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystems;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.concurrent.RejectedExecutionException;

/**
 * A file that an event loop on io_uring reads and writes, without ever waiting for a disk:
 *
 * <pre>
 * UringFile.open(channel.eventLoop(), path, StandardOpenOption.READ).addListener(...)
 * file.read(alloc.directBuffer(65536), 0).addListener(...)
 * </pre>
 *
 * <p>Buffers stay the caller's: from the call until the future is done they are the kernel's and must not be touched; they may
 * be released, which takes effect afterwards. Cancelling a future asks the kernel to stop; the future is then cancelled, or
 * done as if it had not been. Closing does so for all that is under way, which then fails with
 * {@link ClosedChannelException}, unless it was done already. Operations on one file have no order among each other: wait for
 * one before you start what depends on it.
 *
 * <p>Any thread may call all methods; the futures' listeners are called by the event loop. When the loop ends, its files are
 * closed. Futures fail with the exceptions that {@link java.nio.channels.FileChannel} would throw, or else with an
 * {@link java.io.IOException} that names errno. Needs Linux 6.1.
 */
public final class UringFile {
    static final int NO_FD = -1;

    private final IoEventLoop loop;
    private final Path path;
    private final OpenFlags flags;
    private final FileCall.Close closing;
    private volatile int alignment = 1;
    private volatile boolean closed;
    /** Loop thread only. */
    private int fd = NO_FD;
    /** How many of its operations the kernel has. Loop thread only. */
    private int inFlight;

    private boolean closingStarted;

    private IoRegistration registration;
    private UringIoHandler handler;

    /** What the loop closes when it ends. */
    private final class Handle implements UringIoHandle {
        @Override
        public void close() {
            closeNow();
        }
    }

    private UringFile(IoEventLoop loop, Path path, OpenFlags flags) {
        this.loop = loop;
        this.path = path;
        this.flags = flags;
        closing = new FileCall.Close(this);
    }

    /**
     * Opens a file.
     *
     * @param loop does all that is asked of the file
     * @param path in the default file system
     * @param options of {@link java.nio.file.StandardOpenOption}, with the meaning that they have for {@link
     *     java.nio.channels.FileChannel#open}, {@code DELETE_ON_CLOSE} excepted; {@link
     *     java.nio.file.LinkOption#NOFOLLOW_LINKS}; and {@code com.sun.nio.file.ExtendedOpenOption.DIRECT}: reads and writes
     *     then go past the page cache, and addresses, positions and lengths must be multiples of {@link #alignment()}
     * @return fails as {@code FileChannel.open} would, such as with {@link java.nio.file.NoSuchFileException}
     * @throws IllegalArgumentException if the loop is not on io_uring, or options contradict each other
     * @throws UnsupportedOperationException if an option is not known
     */
    public static Future<UringFile> open(EventLoop loop, Path path, OpenOption... options) {
        if (!(loop instanceof IoEventLoop) || !((IoEventLoop) loop).isCompatible(UringIoHandle.class)) {
            throw new IllegalArgumentException("loop: " + loop + " (expected: an event loop on io_uring)");
        }
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new ProviderMismatchException("path: " + path + " (expected: one of the default file system)");
        }
        OpenFlags flags = new OpenFlags(options);
        UringFile file = new UringFile((IoEventLoop) loop, path, flags);
        FileOpening opening = new FileOpening(file, flags);
        file.register(opening);
        return opening.future();
    }

    private void register(FileOpening opening) {
        try {
            loop.register(new Handle()).addListener(done -> {
                if (done.isSuccess()) {
                    registration = (IoRegistration) done.getNow();
                    handler = registration.attachment();
                    opening.start();
                } else {
                    opening.fail(done.cause());
                }
            });
        } catch (RejectedExecutionException loopIsGone) {
            opening.fail(loopIsGone);
        }
    }

    /** It has a file descriptor; {@code false} if nobody wants it any more. */
    boolean opened(int fd) {
        this.fd = fd;
        return !closed;
    }

    /** Nobody gets to see it. */
    void openingFailed() {
        closed = true;
        startClosing();
    }

    EventLoop loop() {
        return loop;
    }

    UringIoHandler handler() {
        return handler;
    }

    int fd() {
        return fd;
    }

    void alignment(int bytes) {
        alignment = bytes;
    }

    boolean submit(FileOperation<?> operation) {
        return !closed && submitEvenIfClosed(operation);
    }

    boolean submitEvenIfClosed(FileOperation<?> operation) {
        boolean submitted = registration.submit(operation) >= 0;
        inFlight += submitted ? 1 : 0;
        return submitted;
    }

    /** Direct access spares the kernel looking up pages each time; copying does not need them registered. */
    int fixedIndex(long address, int length) {
        return flags.isDirect()
                ? handler.fixedBuffers().indexOf(address, length)
                : handler.fixedBuffers().indexOfRegistered(address, length);
    }

    /** What it was opened by. */
    public Path path() {
        return path;
    }

    /** Whether it is open: not closed, nor its event loop ended. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Of what memory addresses, positions and lengths must be multiples, in bytes: a power of two if the file was opened for
     * direct access, else 1.
     */
    public int alignment() {
        return alignment;
    }

    /**
     * A buffer that is {@linkplain #alignment() aligned} as this file needs it, and can be registered with the ring; also for
     * files on other loops.
     *
     * @param bytes its capacity, which does not grow; a multiple of the alignment, to be of use
     */
    public ByteBuf alignedBuffer(int bytes) {
        ObjectUtil.checkPositiveOrZero(bytes, "bytes");
        int mask = alignment - 1;
        ByteBuf buffer =
                UringByteBufAllocator.DEFAULT.directBuffer(Math.addExact(bytes, mask), Math.addExact(bytes, mask));
        int start = (int) -MemoryAddress.of(buffer, 0) & mask;
        return mask == 0 ? buffer : buffer.slice(start, bytes).setIndex(0, 0);
    }

    /**
     * Reads into a buffer, from its writer index on and no further than its capacity. As much as there is: less than it has
     * room for at the end of the file, and nothing behind it. Before a place that cannot be read it may be less as well; the
     * next read then fails.
     *
     * @param buffer direct, in one piece, with room to write
     * @param position in bytes from the file's beginning; ignored by what has none, such as pipes
     * @return gives the same buffer
     * @throws IllegalArgumentException if the buffer is another, the position is negative, or something is not aligned as
     *     direct access needs it
     * @throws NonReadableChannelException if the file was not opened for reading
     */
    public Future<ByteBuf> read(ByteBuf buffer, long position) {
        if (!flags.isReadable()) {
            throw new NonReadableChannelException();
        }
        if (buffer.isReadOnly() || !buffer.isWritable()) {
            throw new IllegalArgumentException("buffer: " + buffer + " (expected: one with room to write)");
        }
        check(buffer, buffer.writerIndex(), buffer.writableBytes(), position);
        return start(new FileRead(this, buffer, position));
    }

    /**
     * Writes what is readable of a buffer, all of it. If the future fails or is cancelled, the reader index tells how much was.
     *
     * @param buffer direct, in one piece
     * @param position in bytes from the file's beginning; ignored by what has none, and with {@code APPEND}
     * @return gives the same buffer, its reader index at its writer index
     * @throws IllegalArgumentException if the buffer is another, the position is negative, or something is not aligned as
     *     direct access needs it
     * @throws NonWritableChannelException if the file was not opened for writing
     */
    public Future<ByteBuf> write(ByteBuf buffer, long position) {
        checkWritable();
        check(buffer, buffer.readerIndex(), buffer.readableBytes(), position);
        return start(new FileWrite(this, buffer, position));
    }

    private void checkWritable() {
        if (!flags.isWritable()) {
            throw new NonWritableChannelException();
        }
    }

    private void check(ByteBuf buffer, int index, int length, long position) {
        if (!buffer.isDirect() || buffer.nioBufferCount() != 1) {
            throw new IllegalArgumentException("buffer: " + buffer + " (expected: a direct one, in one piece)");
        }
        ObjectUtil.checkPositiveOrZero(position, "position");
        if (alignment > 1) {
            checkAligned("position", position);
            checkAligned("length", length);
            checkAligned("buffer's memory address, which alignedBuffer() would align", MemoryAddress.of(buffer, index));
        }
    }

    private void checkAligned(String what, long value) {
        if ((value & (alignment - 1)) != 0) {
            throw new IllegalArgumentException(
                    what + ": " + value + " (expected: a multiple of " + alignment + ", for direct access)");
        }
    }

    /** Has the disk keep what was written, and the file's metadata. Writes that are not done yet are not meant. */
    public Future<Void> sync() {
        return start(new FileCall.Sync(this, 0));
    }

    /** The same, but for metadata that nobody needs to read what was written, such as times. */
    public Future<Void> dataSync() {
        return start(new FileCall.Sync(this, Abi.IORING_FSYNC_DATASYNC));
    }

    /** What is known of the file now. */
    public Future<FileStatus> stat() {
        return start(new FileCall.Stat(this));
    }

    /**
     * Cuts the file, or extends it by a hole. Needs Linux 6.9: before, the future fails with EINVAL.
     *
     * @param size its length in bytes from then on
     * @throws IllegalArgumentException if that is negative
     * @throws NonWritableChannelException if the file was not opened for writing
     */
    public Future<Void> truncate(long size) {
        checkWritable();
        return start(new FileCall.Truncate(this, ObjectUtil.checkPositiveOrZero(size, "size")));
    }

    private <T> Future<T> start(FileOperation<T> operation) {
        if (loop.inEventLoop()) {
            operation.start();
            return operation.future();
        }
        try {
            loop.execute(operation::start);
        } catch (RejectedExecutionException loopIsGone) {
            operation.fail(new ClosedChannelException());
        }
        return operation.future();
    }

    /** Closes the file; once only, however often it is asked to. The future is the same each time. */
    public Future<Void> close() {
        if (loop.inEventLoop()) {
            closeNow();
        } else {
            try {
                loop.execute(this::closeNow);
            } catch (RejectedExecutionException loopIsGone) {
                return closing.future(); // it has closed the file
            }
        }
        return closing.future();
    }

    private void closeNow() {
        if (closed) {
            return;
        }
        closed = true;
        if (inFlight > 0) {
            handler.ring().forEachOperation(operation -> {
                if (operation instanceof FileOperation && ((FileOperation<?>) operation).file == this) {
                    handler.ring().cancel(operation);
                }
            });
        }
        closeIfIdle();
    }

    /** The kernel is done with an operation of this file. */
    void completed() {
        inFlight--;
    }

    /**
     * Closes it if that was asked for and nothing is under way any more: an operation that begins late, on a thread of the
     * kernel's, would find the number of the file closed, or another's. What opens it sees to itself.
     */
    void closeIfIdle() {
        if (closed && fd != NO_FD && !closingStarted && inFlight == 0) {
            startClosing();
        }
    }

    private void startClosing() {
        if (fd == NO_FD) {
            closing.succeed(null);
        } else if (!closingStarted) {
            closingStarted = true;
            closing.start();
        }
    }

    /** There is nothing left that the loop would have to end. */
    void unregister() {
        if (registration != null) {
            registration.cancel();
        }
    }

    @Override
    public String toString() {
        return "UringFile(" + path + (closed ? ", closed)" : ")");
    }
}
