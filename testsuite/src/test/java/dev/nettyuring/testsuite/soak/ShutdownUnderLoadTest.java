// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.ReceiveMemoryNeeded;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Loops end with thousands of connections on them, on each of which something is under way, while other threads go on writing. */
@ExtendWith(TransportInvariants.class)
@ReceiveMemoryNeeded(bytes = 64 << 20)
class ShutdownUnderLoadTest {
    private static final int CONNECTIONS = 2000;
    private static final int FILE_BYTES = 8 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path temporary;

    @Test
    @Timeout(5 * 60)
    void itEndsAndEveryPromiseIsKept() throws Exception {
        Path file = temporary.resolve("file");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(FILE_BYTES);
        }
        EventLoopGroup ending = BusyLoops.newGroup();
        List<UringMetrics> metrics = new ArrayList<>();
        for (EventExecutor loop : ending) {
            metrics.add(UringMetrics.of(loop));
        }
        BusyLoops busy = new BusyLoops(ending, TransportInvariants.loops().uring(), file);
        try (busy) {
            busy.connect(CONNECTIONS);
            await().atMost(LIMIT).until(() -> busy.accepted.size() == CONNECTIONS);
            busy.writeFromOutside();
            await().atMost(LIMIT).until(busy::isInFullSwing);

            Future<?> ended = ending.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(ended.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("the loops end in time")
                    .isTrue();
            busy.stopWriting();

            assertThat(busy.accepted).noneMatch(Channel::isOpen);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(busy.unanswered())
                    .as("promises, of %s, that nobody keeps", busy.promises())
                    .isEmpty());
        }
        // peers that are gone acknowledge nothing: what was sent by zero copy comes back
        await().atMost(LIMIT).untilAsserted(() -> assertThat(metrics).allSatisfy(loop -> {
            assertThat(loop.operationsInFlight()).as("operations in flight").isZero();
            assertThat(loop.receiveBuffers(BufferState.KERNEL)).isZero();
            assertThat(loop.receiveBuffers(BufferState.PIPELINE)).isZero();
        }));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(busy.unreleased()).isZero());
    }
}
