// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static dev.nettyuring.microbench.harness.Goals.Verdict.MET;
import static dev.nettyuring.microbench.harness.Goals.Verdict.MET_WITHIN_NOISE;
import static dev.nettyuring.microbench.harness.Goals.Verdict.MISSED;
import static dev.nettyuring.microbench.harness.Goals.Verdict.NOT_MEASURED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private static final double CLOSE = 1e-9;

    private final Options options =
            Options.parse(new String[] {"--transports", "uring,epoll,netty-io_uring,netty-io_uring-16x128k"});
    private final Results results = new Results();

    private static Workload workload(Goal... goals) {
        return new Workload("some", "Some", List.of("hello"), null, 0, 0, false, List.of(goals));
    }

    private void windows(Workload workload, String contestant, Metric metric, double... values) {
        for (double value : values) {
            results.add(workload, Contestant.parse(contestant), 1, 1, Map.of(metric, value), 0, false);
        }
    }

    private Goals.Outcome only(Workload workload) {
        List<Goals.Outcome> outcomes = new Goals(options, results).of(List.of(workload));
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    @Test
    void throughputIsComparedWithTheMost() {
        Workload workload = workload(Goal.throughput(1.2, Goal.Others.BEST));
        windows(workload, "uring", Metric.THROUGHPUT, 126);
        windows(workload, "epoll", Metric.THROUGHPUT, 100);
        windows(workload, "netty-io_uring", Metric.THROUGHPUT, 120);
        Goals.Outcome outcome = only(workload);
        assertThat(outcome.best()).isEqualTo("netty-io_uring");
        assertThat(outcome.measured()).isCloseTo(1.05, within(CLOSE));
        assertThat(outcome.verdict()).isEqualTo(MISSED);
    }

    @Test
    void onlyThoseCountThatTheGoalNames() {
        Workload workload =
                workload(Goal.throughput(1.2, Goal.Others.EPOLL), Goal.throughput(1.2, Goal.Others.IO_URING));
        windows(workload, "uring", Metric.THROUGHPUT, 126);
        windows(workload, "epoll", Metric.THROUGHPUT, 100);
        windows(workload, "netty-io_uring", Metric.THROUGHPUT, 110);
        windows(workload, "netty-io_uring-16x128k", Metric.THROUGHPUT, 120);
        assertThat(new Goals(options, results).of(List.of(workload)))
                .extracting(Goals.Outcome::best, Goals.Outcome::verdict)
                .containsExactly(tuple("epoll", MET), tuple("netty-io_uring-16x128k", MISSED));
    }

    @Test
    void cpuTimeIsComparedWithTheLeast() {
        Workload workload = workload(Goal.NEVER_WORSE.get(0));
        windows(workload, "uring", Metric.CPU, 9);
        windows(workload, "epoll", Metric.CPU, 10);
        windows(workload, "netty-io_uring", Metric.CPU, 20);
        assertThat(only(workload).best()).isEqualTo("epoll");
        assertThat(only(workload).verdict()).isEqualTo(MET);
    }

    @Test
    void worseByLessThanTheWindowsDifferIsNoise() {
        Workload workload = workload(Goal.NEVER_WORSE.get(0));
        windows(workload, "uring", Metric.CPU, 9, 11, 11.5, 12);
        windows(workload, "epoll", Metric.CPU, 10, 11, 10.9, 12);
        assertThat(only(workload).verdict()).isEqualTo(MET_WITHIN_NOISE);
    }

    @Test
    void oneWindowThatIsFarOffMakesNoNoise() {
        Workload workload = workload(Goal.NEVER_WORSE.get(0));
        windows(workload, "uring", Metric.CPU, 12, 12, 12.1, 12.1, 9);
        windows(workload, "epoll", Metric.CPU, 10, 10, 10.1, 10.1, 13);
        assertThat(only(workload).verdict()).isEqualTo(MISSED);
    }

    @Test
    void aRatioThatIsAskedForIsNotNoise() {
        Workload workload = workload(Goal.throughput(1.2, Goal.Others.BEST));
        windows(workload, "uring", Metric.THROUGHPUT, 100, 119, 130);
        windows(workload, "epoll", Metric.THROUGHPUT, 100, 100, 130);
        assertThat(only(workload).verdict()).isEqualTo(MISSED);
    }

    @Test
    void aFigureMayBeAskedFor() {
        Workload workload = workload(Goal.atMost(Metric.SYSCALLS, 2));
        windows(workload, "uring", Metric.SYSCALLS, 2);
        assertThat(only(workload).verdict()).isEqualTo(MET);
        assertThat(only(workload).measured()).isEqualTo(2);
        assertThat(only(workload).goal().asked()).isEqualTo("at most 2");
    }

    @Test
    void aFigureThatIsAskedForCountsToTwoDecimals() {
        Workload workload = workload(Goal.atMost(Metric.SYSCALLS, 2));
        windows(workload, "uring", Metric.SYSCALLS, 2.0049);
        assertThat(only(workload).verdict()).isEqualTo(MET);
        assertThat(only(workload).measured()).isEqualTo(2.0049);
    }

    @Test
    void aHundredthMoreThanIsAskedForIsTooMuch() {
        Workload workload = workload(Goal.atMost(Metric.SYSCALLS, 2));
        windows(workload, "uring", Metric.SYSCALLS, 2.0051);
        assertThat(only(workload).verdict()).isEqualTo(MISSED);
    }

    @Test
    void aRatioIsNotRounded() {
        Workload workload = workload(Goal.throughput(1.2, Goal.Others.BEST));
        windows(workload, "uring", Metric.THROUGHPUT, 119.99);
        windows(workload, "epoll", Metric.THROUGHPUT, 100);
        assertThat(only(workload).verdict()).isEqualTo(MISSED);
    }

    @Test
    void disturbedWindowsProveNothing() {
        Workload workload = workload(Goal.throughput(1.2, Goal.Others.BEST));
        windows(workload, "epoll", Metric.THROUGHPUT, 100);
        results.add(workload, Contestant.parse("uring"), 1, 1, Map.of(Metric.THROUGHPUT, 200.0), 3, true);
        assertThat(only(workload).verdict()).isEqualTo(NOT_MEASURED);
    }

    @Test
    void nothingIsAskedOfWhoeverTakesNoPart() {
        Workload workload = workload(Goal.throughput("uring+splice", 2, Goal.Others.BEST));
        windows(workload, "epoll", Metric.THROUGHPUT, 100);
        assertThat(new Goals(options, results).of(List.of(workload))).isEmpty();
    }
}
