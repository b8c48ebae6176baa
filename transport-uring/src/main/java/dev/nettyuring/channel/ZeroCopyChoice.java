// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Whether a channel's next request asks the kernel to send without a copy. Loop thread only. */
final class ZeroCopyChoice {
    private final UringStreamChannel channel;
    private ZeroCopyPaths.Path path;
    /** The kernel would not send without a copy: the next request, for the same bytes, does not ask it to. */
    private boolean refused;

    ZeroCopyChoice(UringStreamChannel channel) {
        this.channel = channel;
    }

    /** Whether a request of so many bytes is one that the channel's configuration and its loop would send so. */
    static boolean isThinkable(UringStreamChannel channel, long bytes) {
        UringStreamChannelConfig config = channel.config();
        ZeroCopy mode = config.zeroCopy();
        boolean large = mode == ZeroCopy.ALWAYS || (mode == ZeroCopy.AUTO && bytes >= config.zeroCopyThreshold());
        return large && channel.handler().sendsZeroCopy();
    }

    /** Whether the next request, which is {@linkplain #isThinkable thinkable}, asks for it. */
    boolean isFor() {
        if (refused) {
            refused = false;
            return false;
        }
        boolean wanted = channel.config().zeroCopy() == ZeroCopy.ALWAYS || path().isPromising(System.nanoTime());
        return wanted && isProvidedFor();
    }

    /** Whether the loop could end before the kernel has notified it, and learn of that: that takes a file descriptor. */
    private boolean isProvidedFor() {
        try {
            channel.handler().ring().prepareEnd();
            return true;
        } catch (IOException noDescriptor) {
            return false;
        }
    }

    /** The way to the peer, over IP: others never send so. */
    ZeroCopyPaths.Path path() {
        if (path == null) {
            InetSocketAddress local = (InetSocketAddress) channel.localAddress();
            InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
            path = channel.handler().zeroCopyPaths().to(local, remote);
        }
        return path;
    }

    /** The socket may not pin more (net.core.optmem_max, RLIMIT_MEMLOCK), or does not send in this way. */
    static boolean isShortage(int errno) {
        return errno == Errno.ENOBUFS || errno == Errno.ENOMEM || errno == Errno.EOPNOTSUPP;
    }

    /** The kernel would not send the last request without a copy. */
    void refused() {
        refused = true;
    }
}
