// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ZeroCopyPathsTest {
    private static final long NOW = Long.MAX_VALUE - 5; // System.nanoTime() may overflow

    private final ZeroCopyPaths paths = new ZeroCopyPaths();
    private final InetSocketAddress local = new InetSocketAddress("192.0.2.1", 1);
    private final InetSocketAddress remote = new InetSocketAddress("192.0.2.2", 2);

    private static long later(int seconds) {
        return NOW + TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void nobodyCopiesNothingWithinTheMachine() {
        InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 3);
        assertThat(paths.to(loopback, loopback).isPromising(NOW)).isFalse();
        assertThat(paths.to(local, local).isPromising(NOW)).isFalse();
        assertThat(paths.to(local, null).isPromising(NOW))
                .as("a peer that is gone")
                .isFalse();
        paths.to(local, local).worked();
        assertThat(paths.to(local, local).isPromising(NOW)).isFalse();
    }

    @Test
    void aWayThatCopiesIsLeftAloneForLongerAndLongerAndTriedAgain() {
        ZeroCopyPaths.Path path = paths.to(local, remote);
        assertThat(path.isPromising(NOW)).isTrue();
        path.copied(NOW);
        assertThat(path.isPromising(later(9))).isFalse();
        assertThat(path.isPromising(later(11))).isTrue();
        path.copied(later(11));
        path.copied(later(12)); // another of the same burst
        assertThat(path.isPromising(later(30))).isFalse();
        assertThat(path.isPromising(later(32))).isTrue();
        path.worked();
        assertThat(path.isPromising(later(32))).isTrue();
        path.copied(later(33));
        assertThat(path.isPromising(later(44)))
                .as("it begins with a short pause")
                .isTrue();
    }

    @Test
    void whatIsKnownIsOfThePeerNotOfTheConnection() {
        paths.to(local, remote).copied(NOW);
        assertThat(paths.to(local, new InetSocketAddress(remote.getAddress(), 99))
                        .isPromising(NOW))
                .isFalse();
        assertThat(paths.to(local, new InetSocketAddress("192.0.2.3", 2)).isPromising(NOW))
                .isTrue();
    }

    @Test
    void ofManyPeersTheLatestAreRemembered() {
        paths.to(local, remote).copied(NOW);
        for (int i = 0; i < 2_000; i++) {
            paths.to(local, new InetSocketAddress("10.0." + i / 250 + '.' + i % 250, 1));
        }
        assertThat(paths.to(local, remote).isPromising(NOW)).isTrue();
    }
}
