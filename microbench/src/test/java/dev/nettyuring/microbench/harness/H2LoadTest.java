// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What h2load prints. */
class H2LoadTest {
    private static String output(int succeeded, int dataBytes) {
        return String.format(
                """
                finished in 3.06s, 341.33 req/s, 34.43KB/s
                requests: 20 total, 30 started, 20 done, %d succeeded, %d failed, 0 errored, 0 timeout
                status codes: 20 2xx, 0 3xx, 0 4xx, 0 5xx
                traffic: 103.28KB (105760) total, 5.03KB (5152) headers (space savings 93.94%%), 1.35KB (%d) data
                """,
                succeeded, 20 - succeeded, dataBytes);
    }

    @Test
    void countsRequestsAndSeconds() throws IOException {
        Load.Outcome outcome = H2Load.get(1, 1).parse(output(20, 260));
        assertThat(outcome.responses()).isEqualTo(20);
        assertThat(outcome.seconds()).isEqualTo(3.06);
    }

    @Test
    void countsMessagesOfCalls() throws IOException {
        assertThat(H2Load.call(1, 1, "/x", 3).parse(output(20, 20 * 3 * 69)).responses())
                .isEqualTo(60);
    }

    @Test
    void aCallThatFailedHasNoData() {
        assertThatThrownBy(() -> H2Load.call(1, 1, "/x", 3).parse(output(20, 20 * 3 * 69 - 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not all messages came back");
    }

    @Test
    void aRequestThatFailedSpoilsTheWindow() {
        assertThatThrownBy(() -> H2Load.get(1, 1).parse(output(19, 260))).isInstanceOf(IOException.class);
    }

    @Test
    void latenciesAreTheLogsThirdColumn() {
        List<String> log = IntStream.rangeClosed(1, 1000)
                .map(i -> 1001 - i)
                .mapToObj(micros -> "1795282669811975\t200\t" + micros)
                .toList();
        assertThat(H2Load.latencies(log))
                .containsEntry(Metric.P50, 501.0)
                .containsEntry(Metric.P90, 901.0)
                .containsEntry(Metric.P99, 991.0)
                .containsEntry(Metric.P999, 1000.0);
    }
}
