// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.Loops;
import dev.nettyuring.testsuite.OpenFiles;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Event loops on io_uring that must leave nothing behind. */
final class UringLoops implements AutoCloseable {
    private static final String RING = "anon_inode:[io_uring]";
    private static final int SHUTDOWN_LIMIT_SECONDS = 15;

    /** One ring is shared by all that send registered memory, and goes with the last: none is missed before that. */
    private static int users;

    private static long ringsBefore;

    private final List<UringMetrics> metrics = new ArrayList<>();
    private final EventLoopGroup group;
    private boolean ended;

    /**
     * @param keptBytes how much of what they receive the handlers of one loop keep at most, until more has come
     */
    UringLoops(int threads, int keptBytes) {
        if (users == 0) {
            ringsBefore = OpenFiles.count(RING::equals);
        }
        group = new MultiThreadIoEventLoopGroup(threads, UringIoHandler.newFactory(Loops.configuration(keptBytes)));
        for (EventExecutor loop : group) {
            metrics.add(UringMetrics.of(loop));
        }
        users++;
    }

    EventLoopGroup group() {
        return group;
    }

    int operationsInFlight() {
        return metrics.stream().mapToInt(UringMetrics::operationsInFlight).sum();
    }

    int receiveBuffers(BufferState state) {
        return metrics.stream().mapToInt(loop -> loop.receiveBuffers(state)).sum();
    }

    long copiedPieces() {
        return metrics.stream().mapToLong(UringMetrics::copiedPieces).sum();
    }

    long allocatedReceives() {
        return metrics.stream().mapToLong(UringMetrics::allocatedReceives).sum();
    }

    /** Shuts the loops down, with whatever is still open on them. */
    void end() {
        if (!ended) {
            ended = true;
            users--;
        }
        assertThat(group.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS)
                        .awaitUninterruptibly(SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("the loops end within %d s", SHUTDOWN_LIMIT_SECONDS)
                .isTrue();
        if (users == 0) {
            assertThat(OpenFiles.count(RING::equals)).as("rings that are open").isEqualTo(ringsBefore);
        }
    }

    /** Shuts the loops down and checks that everything is given back; zero-copy sends first have to reach their peers. */
    @Override
    public void close() {
        end();
        Awaitility.await("everything to be given back").untilAsserted(() -> {
            assertThat(operationsInFlight()).as("operations in flight").isZero();
            for (BufferState state : BufferState.values()) {
                if (state != BufferState.FREE) {
                    assertThat(receiveBuffers(state))
                            .as("receive buffers in state %s", state)
                            .isZero();
                }
            }
        });
    }
}
