// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.io.FileDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What of small files, or of a large one's beginning, goes out in one request with the buffers before it, since the page cache
 * has it: copied, which costs less than a request, and packets, of its own. What sendfile(2) can send with those buffers is
 * copied only if it is little. Loop thread only.
 */
final class CopiedRegions {
    /** In one request. docs/experiments.md has the figures. */
    private static final int MAX_BYTES = 128 << 10;
    /** Of a region that does not fit into that: the rest is sent without copies. */
    private static final int BEGINNING_BYTES = 64 << 10;
    /** So much costs no more to copy than to send without, even if its file is told to be cached. */
    private static final int CHEAP_BYTES = 16 << 10;
    /** What larger buffers are sent with may have to wait long for its peer. */
    private static final int MAX_BYTES_BEFORE = 64 << 10;

    private final UringIoHandler handler;
    private final List<ByteBuf> copies = new ArrayList<>();
    private int bytes;
    private boolean kept;

    CopiedRegions(UringIoHandler handler) {
        this.handler = handler;
    }

    /** Whether a region is worth a request for nothing but its copy. */
    static boolean isSmall(FileRegion region) {
        return FileRegions.left(region) <= MAX_BYTES;
    }

    /** Whether a region is to go out with so many bytes before it, but would better do so without a copy. */
    boolean areBetterWithout(FileRegion region, long before) {
        return isEmpty() && before <= MAX_BYTES_BEFORE && FileRegions.left(region) > CHEAP_BYTES;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /**
     * The next region's bytes, until {@link #release}; {@code null} if they are to be sent in another way.
     *
     * @param before the bytes that go out before them in the same request
     */
    ByteBuf copy(FileRegion message, long before) {
        int wanted = wanted(message, before - bytes);
        if (wanted <= 0) {
            return null;
        }
        int fd = cachedFile(message);
        if (fd < 0 || (isEmpty() && !handler.regionChunks().takeIfFree())) {
            return null;
        }
        ByteBuf copy = null;
        try {
            copy = read(fd, FileRegions.offset(message), wanted);
        } finally {
            if (copy == null && isEmpty()) {
                handler.regionChunks().giveBack();
            }
        }
        if (copy != null) {
            copies.add(copy);
            bytes += copy.readableBytes();
        }
        return copy;
    }

    private int wanted(FileRegion region, long buffersBefore) {
        long left = FileRegions.left(region);
        if (buffersBefore > MAX_BYTES_BEFORE) {
            return 0;
        }
        return (int) (left <= MAX_BYTES - bytes ? left : isEmpty() ? BEGINNING_BYTES : 0);
    }

    private int cachedFile(FileRegion message) {
        try {
            FileDescriptor file = FileRegions.open(message);
            int fd = file == null ? -1 : RegionFields.fd(file);
            return fd >= 0 && handler.pageCache().serves(fd) ? fd : -1;
        } catch (IOException e) {
            return -1; // when it is this region's turn it fails for that
        }
    }

    private ByteBuf read(int fd, long offset, int wanted) {
        ByteBuf copy;
        try {
            copy = UringByteBufAllocator.DEFAULT.directBuffer(wanted, wanted);
        } catch (OutOfMemoryError e) {
            return null;
        }
        int read = 0;
        try {
            read = handler.pageCache().read(fd, offset, MemoryAddress.of(copy, 0), wanted);
        } finally {
            if (read <= 0) {
                copy.release();
            }
        }
        return read > 0 ? copy.writerIndex(read) : null;
    }

    /** How the request is to be sent: few may wait for their peers with copies in hand. */
    int sendFlags() {
        kept = !isEmpty() && handler.regionChunks().keep();
        return isEmpty() || kept ? 0 : SocketAbi.MSG_DONTWAIT;
    }

    /** The request is over, or was not made. */
    void release() {
        if (isEmpty()) {
            return;
        }
        copies.forEach(ByteBuf::release);
        copies.clear();
        bytes = 0;
        if (kept) {
            kept = false;
            handler.regionChunks().sent();
        }
        handler.regionChunks().giveBack();
    }
}
