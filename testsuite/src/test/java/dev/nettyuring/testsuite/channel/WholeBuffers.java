// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Loops on which every message takes a whole buffer, whatever the kernel can: what tests of that have in common. */
@ExtendWith(TransportInvariants.class)
abstract class WholeBuffers {
    static final Duration LIMIT = Duration.ofSeconds(20);
    /** Bytes of the buffers for messages, and for bulk. */
    static final int SMALL = 4 << 10;

    static final int LARGE = 64 << 10;
    /** More bytes than make a channel change to large buffers. */
    static final int SOME_FULL_BUFFERS = 5 * SMALL;
    /** More than make a channel change to small ones. */
    static final int MANY_MESSAGES = 80;

    private final List<EventLoopGroup> groups = new ArrayList<>();
    private final List<UringMetrics> metrics = new ArrayList<>();

    @BeforeEach
    void assumeBufferRings() {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        assumeTrue(
                System.getProperty("dev.nettyuring.receiveBufferSize") == null
                        && System.getProperty("dev.nettyuring.receiveBuffers") == null,
                "the receive buffers are to be of one size");
    }

    /** With the default limit, whatever system properties make of it. */
    static UringConfig.Builder config() {
        return UringConfig.builder().receiveMemoryLimit(256 << 20).exhaustion(UringConfig.Exhaustion.PAUSE);
    }

    final EventLoopGroup loop(UringConfig.Builder config) {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, OlderKernel.withoutIncrementalRings(config.build()));
        groups.add(group);
        metrics.add(UringMetrics.of(group.next()));
        return group;
    }

    /** On a new loop. */
    final ServerBootstrap server(UringConfig.Builder config) {
        return new ServerBootstrap().group(loop(config));
    }

    /** The first. */
    final EventLoop loop() {
        return groups.get(0).next();
    }

    /** Of the first loop. */
    final UringMetrics metrics() {
        return metrics.get(0);
    }

    @AfterEach
    void endTheLoops() throws InterruptedException {
        for (EventLoopGroup group : groups) {
            assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        for (UringMetrics loop : metrics) {
            assertThat(loop.operationsInFlight()).isZero();
            assertThat(loop.receiveBuffers(BufferState.KERNEL)).isZero();
            assertThat(loop.receiveBuffers(BufferState.PIPELINE)).isZero();
            assertThat(loop.writesAfterReturn()).isZero();
        }
    }
}
