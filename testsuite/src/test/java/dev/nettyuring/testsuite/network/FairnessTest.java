// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.testsuite.TransportInvariants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One greedy connection among a thousand is served no more than twice its share before the others are. */
@ExtendWith(TransportInvariants.class)
class FairnessTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int CONNECTIONS = 1000;
    private static final int ROUNDS = 10;
    private static final int FILE_BYTES = 16 << 20;
    private static final long SHARE = 1 << 20;
    private static final long MOST = 2 * SHARE;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OUTLET")
    void aGreedyConnectionLetsTheOthersHaveTheirTurn(Greed.Kind kind) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[FILE_BYTES]);
        try (Contest contest = new Contest(TransportInvariants.loops().uring().next(), CONNECTIONS, file.toFile());
                Greed greed = new Greed(kind, contest.address())) {
            assertFair(contest, greed::moved);
        }
    }

    @Test
    void aFloodOfDatagramsLetsConnectionsHaveTheirTurn() throws Exception {
        try (Contest contest = new Contest(TransportInvariants.loops().uring().next(), CONNECTIONS, null);
                DatagramFlood flood = new DatagramFlood(contest.bindDatagrams())) {
            assertFair(contest, contest::datagrams);
        }
    }

    private static void assertFair(Contest contest, LongSupplier moved) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(contest.round(moved))
                    .as("bytes served before the others")
                    .isLessThanOrEqualTo(MOST);
            long before = moved.getAsLong();
            await().atMost(LIMIT).until(() -> moved.getAsLong() > before);
        }
    }
}
