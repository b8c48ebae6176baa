// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.RegionFields;
import io.netty.channel.FileRegion;
import java.io.FileDescriptor;
import java.io.IOException;

/**
 * What can be sent of a file at once, since it is in the page cache. Once something is not, the rest is for who may wait: it
 * is being read ahead then, and the kernel counts what it has begun to read as cached. Loop thread only.
 */
final class CachedSend {
    /** Looked for just before the call that relies on it. */
    private static final int MAX_BYTES = 1 << 20;
    /** At least, for a peer that takes little. */
    private static final int MIN_BYTES = 64 << 10;

    /** Whose next bytes were found a moment ago, and have not been sent since; {@code null} if there is none. */
    private FileRegion found;

    private PageCache.Held held;
    private boolean full;
    private int bytes;

    /** Whether a region's next bytes are cached: if they are sent at once nobody looks for them again. */
    boolean find(UringStreamChannel channel, FileRegion region) {
        if (hasFound(region)) {
            return true;
        }
        found = null;
        try {
            FileDescriptor file = FileRegions.open(region);
            int fd = file == null ? -1 : RegionFields.fd(file);
            if (fd >= 0 && begin(channel, region, fd)) {
                look(channel, region, fd);
                found = isOver() ? null : region;
            }
        } catch (IOException e) {
            // when it is this region's turn it fails for that
        }
        return found != null;
    }

    /** Whether a region's next bytes are, as was found when what stands before it was sent. */
    boolean hasFound(FileRegion region) {
        return region == found;
    }

    /** They are not sent at once. */
    void forget() {
        found = null;
    }

    /** The next is of that region. Returns whether it may be cached. */
    boolean begin(UringStreamChannel channel, FileRegion region, int fd) {
        if (hasFound(region)) {
            return true;
        }
        found = null;
        held = channel.handler().pageCache().serves(fd) ? PageCache.Held.ALL : PageCache.Held.NOT_ALL;
        full = false;
        bytes = MAX_BYTES;
        return !isOver();
    }

    /**
     * Sends what the socket takes of a region's next bytes; returns how many those were, or {@code -errno} of a connection that
     * is over.
     */
    int send(UringStreamChannel channel, FileRegion region, int fd) {
        if (found == null) {
            look(channel, region, fd);
        }
        found = null;
        if (isOver()) {
            return 0;
        }
        int length = next(region);
        int result = channel.handler()
                .pageCache()
                .send(fd, FileRegions.offset(region), length, channel.socket().fd());
        full = result < length;
        if (result > 0) {
            bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, 2 * result));
            return result;
        }
        if (Errno.isOfConnection(-result)) {
            return result;
        }
        if (!Errno.isTransient(-result)) {
            held = PageCache.Held.NOT_ALL; // the end of the file, or an error of it
        }
        return 0;
    }

    private void look(UringStreamChannel channel, FileRegion region, int fd) {
        held = channel.handler().pageCache().holds(fd, FileRegions.offset(region), next(region));
    }

    private int next(FileRegion region) {
        return (int) Math.min(bytes, FileRegions.left(region));
    }

    /** Whether the socket may take more at once. */
    boolean goesOn() {
        return !full && !isOver();
    }

    /** Whether this is not the way to send what is next. */
    boolean isOver() {
        return held != PageCache.Held.ALL;
    }

    /** Whether what is next may be cached, although the kernel does not tell. */
    boolean canBeRead() {
        return held == PageCache.Held.UNKNOWN;
    }

    /** It is not cached. */
    void end() {
        held = PageCache.Held.NOT_ALL;
    }
}
