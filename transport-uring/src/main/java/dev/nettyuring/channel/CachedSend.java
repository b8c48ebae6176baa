// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;

/**
 * What can be sent of a file at once, since it is in the page cache. Once something is not, the rest is for who may wait: it
 * is being read ahead then, and the kernel counts what it has begun to read as cached. Loop thread only.
 */
final class CachedSend {
    /** Looked for just before the call that relies on it. */
    private static final int MAX_BYTES = 1 << 20;
    /** At least, for a peer that takes little. */
    private static final int MIN_BYTES = 64 << 10;

    private PageCache.Held held;
    private boolean full;
    private int bytes;

    /** The next is of another file. Returns whether that may be cached. */
    boolean begin(PageCache cache, int fd) {
        held = cache.serves(fd) ? PageCache.Held.ALL : PageCache.Held.NOT_ALL;
        full = false;
        bytes = MAX_BYTES;
        return !isOver();
    }

    /**
     * Sends what the socket takes, of so many bytes that are {@code left}; returns how many those were, or {@code -errno} of a
     * connection that is over.
     */
    int send(PageCache cache, int fd, long offset, long left, int socket) {
        int length = (int) Math.min(bytes, left);
        held = cache.holds(fd, offset, length);
        if (held != PageCache.Held.ALL) {
            return 0;
        }
        int result = cache.send(fd, offset, length, socket);
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
