// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;

/**
 * What can be had of files at once, since it lies in the page cache. Loop thread only.
 *
 * <p>{@link #read} never waits for a disk. {@link #send} would, and is for what {@link #holds} has just found: should the
 * kernel drop some of that in between, the loop waits for the disk once.
 */
final class PageCache {
    /** What is known of a part of a file. */
    enum Held {
        ALL,
        NOT_ALL,
        /** The kernel does not tell, or not this user: the file is not his, and he may not write it. */
        UNKNOWN
    }

    private static final int RANGE = 0;
    private static final int PAGES = RANGE + FileAbi.CACHESTAT_RANGE_SIZE;
    private static final int IOVEC = PAGES + FileAbi.CACHESTAT_SIZE;
    private static final int OFFSET = IOVEC + SocketAbi.IOVEC_SIZE;
    private static final int BYTE = OFFSET + Long.BYTES;
    private static final int SIZE = BYTE + 1;
    private static final int PAGE_BYTES = Native.getpagesize();

    private final NativeBlocks blocks;
    private final boolean tells;
    private NativeBlocks.Block block;

    /**
     * Creates it.
     *
     * @param tells whether the kernel has cachestat(2)
     */
    PageCache(NativeBlocks blocks, boolean tells) {
        this.blocks = blocks;
        this.tells = tells;
    }

    private NativeBlocks.Block block() {
        if (block == null) {
            block = blocks.allocate(SIZE);
        }
        return block;
    }

    /** Whether a file is read through the page cache at all. */
    boolean serves(int fd) {
        int flags = Native.fcntl(fd, SocketAbi.F_GETFL, 0);
        return flags >= 0 && (flags & FileAbi.O_DIRECT) == 0;
    }

    /**
     * Reads as many of the bytes as are there: 0 at the file's end, {@code -EAGAIN} if the disk has to be asked. Other errors
     * say that the file cannot be read like that, or not at all.
     */
    int read(int fd, long offset, long address, int length) {
        NativeBlocks.Block block = block();
        block.buffer().putLong(IOVEC + SocketAbi.IOVEC_BASE, address);
        block.buffer().putLong(IOVEC + SocketAbi.IOVEC_LEN, length);
        return (int) Native.preadv2(fd, block.address() + IOVEC, 1, offset, FileAbi.RWF_NOWAIT);
    }

    /** Whether all of the bytes are there. */
    Held holds(int fd, long offset, int length) {
        if (!tells) {
            return Held.UNKNOWN;
        }
        NativeBlocks.Block block = block();
        ByteBuffer memory = block.buffer();
        memory.putLong(RANGE + FileAbi.CACHESTAT_RANGE_OFF, offset);
        memory.putLong(RANGE + FileAbi.CACHESTAT_RANGE_LEN, length);
        int result = Native.cachestat(fd, block.address() + RANGE, block.address() + PAGES, 0);
        if (result < 0) {
            return result == -Errno.EPERM || result == -Errno.ENOSYS ? Held.UNKNOWN : Held.NOT_ALL;
        }
        long last = offset + length - 1;
        long pages = last / PAGE_BYTES - offset / PAGE_BYTES + 1;
        boolean all = memory.getLong(PAGES + FileAbi.CACHESTAT_NR_CACHE) >= pages;
        return all && isRead(fd, last) ? Held.ALL : Held.NOT_ALL;
    }

    /** Pages that are being read count as cached; the last is read last. */
    private boolean isRead(int fd, long offset) {
        return read(fd, offset, block().address() + BYTE, 1) == 1;
    }

    /** Sends what a non-blocking socket takes: so many bytes, 0 at the file's end, or {@code -errno}. */
    int send(int fd, long offset, int length, int socket) {
        NativeBlocks.Block block = block();
        block.buffer().putLong(OFFSET, offset);
        return (int) Native.sendfile(socket, fd, block.address() + OFFSET, length);
    }
}
