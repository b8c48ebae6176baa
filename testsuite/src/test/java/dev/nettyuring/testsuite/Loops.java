// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The event loops of one test class, ours and the NIO loops of its peers. */
public final class Loops {
    private static final int THREADS = 4;
    private static final int SHUTDOWN_LIMIT_MILLIS = 15_000;

    /**
     * Until NIO's selector runs once more, the descriptors of channels that were just closed stay open; if the loop ends
     * before, for good.
     */
    private static final int NIO_QUIET_MILLIS = 150;

    private final EventLoopGroup uring;
    private final EventLoopGroup nio =
            new MultiThreadIoEventLoopGroup(THREADS, new DefaultThreadFactory("nio", true), NioIoHandler.newFactory());

    Loops(UringConfig config) {
        uring = new MultiThreadIoEventLoopGroup(
                THREADS, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory(config));
    }

    /** The configuration that the tests run in, changed where it does not give what is needed. */
    static UringConfig configuration(ReceiveMemoryNeeded needed) {
        if (needed == null) {
            return UringConfig.DEFAULT;
        }
        return Integer.getInteger("dev.nettyuring.receiveBufferSize", needed.aRead()) < needed.aRead()
                ? UringConfig.builder()
                        .receiveBufferSize(needed.aRead())
                        .receiveMemoryLimit(needed.bytes())
                        .build()
                : configuration(needed.bytes());
    }

    /** The same, for handlers that {@linkplain ReceiveMemoryNeeded#bytes() keep} so much. */
    public static UringConfig configuration(int neededBytes) {
        boolean pauses = !"ALLOCATE".equalsIgnoreCase(System.getProperty("dev.nettyuring.exhaustion"));
        return pauses && Long.getLong("dev.nettyuring.receiveMemoryLimit", neededBytes) < neededBytes
                ? UringConfig.builder().receiveMemoryLimit(neededBytes).build()
                : UringConfig.DEFAULT;
    }

    /** Loops on io_uring, in the tests' configuration. */
    public EventLoopGroup uring() {
        return uring;
    }

    /** Loops on NIO. */
    public EventLoopGroup nio() {
        return nio;
    }

    /** The metrics of the loops on io_uring, which stay readable after their end. */
    public List<UringMetrics> metrics() {
        List<UringMetrics> metrics = new ArrayList<>();
        for (EventExecutor loop : uring) {
            metrics.add(UringMetrics.of(loop));
        }
        return metrics;
    }

    /** Ends all loops; {@code false} if one does not end in time. */
    boolean shutdown() throws InterruptedException {
        uring.shutdownGracefully(0, SHUTDOWN_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        nio.shutdownGracefully(NIO_QUIET_MILLIS, SHUTDOWN_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        return uring.awaitTermination(SHUTDOWN_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                && nio.awaitTermination(SHUTDOWN_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
}
