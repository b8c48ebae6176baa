// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jfr.FlightEvents;
import dev.nettyuring.jni.Errno;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the sends of one event loop have shown about the ways to its peers: whether the network card reads the memory itself,
 * or the kernel copies it, which makes a zero-copy send the slower one. Loop thread only.
 */
final class ZeroCopyPaths {
    private static final int MAX_PATHS = 1024;
    private static final float LOAD_FACTOR = 0.75f;

    private final Map<InetAddress, Path> byPeer = new LinkedHashMap<>(16, LOAD_FACTOR, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Path> eldest) {
            return size() > MAX_PATHS;
        }
    };

    /** The way to a peer; {@code null} for one that is gone already. */
    Path to(InetSocketAddress local, InetSocketAddress remote) {
        if (remote == null) {
            return Path.WITHIN_THE_MACHINE;
        }
        InetAddress peer = remote.getAddress();
        if (peer.isLoopbackAddress() || (local != null && peer.equals(local.getAddress()))) {
            return Path.WITHIN_THE_MACHINE;
        }
        return byPeer.computeIfAbsent(peer, key -> new Path(peer));
    }

    /** One way to a peer. */
    static final class Path {
        private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
        private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10);
        /** Where no card is, the kernel always copies. */
        private static final Path WITHIN_THE_MACHINE = new Path(null);

        /** {@code null} if the way is hopeless. */
        private final InetAddress peer;

        private long pauseNanos;
        private long pausedSince;

        private Path(InetAddress peer) {
            this.peer = peer;
        }

        /** Whether zero copy is worth a try at the moment. */
        boolean isPromising(long now) {
            return peer != null && (pauseNanos == 0 || now - pausedSince > pauseNanos);
        }

        /** The kernel has copied: not again for a while, which grows. */
        void copied(long now) {
            failed(now, "COPIED");
        }

        /** The kernel could not send in this way. */
        void refused(long now, int errno) {
            failed(now, Errno.name(errno));
        }

        private void failed(long now, String reason) {
            if (isPromising(now)) {
                pauseNanos = Math.min(Math.max(pauseNanos * 2, FIRST_PAUSE_NANOS), LONGEST_PAUSE_NANOS);
                pausedSince = now;
                FlightEvents.zeroCopyPaused(peer, reason, pauseNanos);
            }
        }

        /** The kernel has not copied. */
        void worked() {
            if (peer != null) {
                pauseNanos = 0;
            }
        }
    }
}
