// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Figures as a run of everything might bring. */
final class MadeUpResults {
    private static final int WINDOWS = 5;

    private MadeUpResults() {}

    static Results of(Options options, List<Workload> workloads) {
        Results results = new Results();
        Random random = new Random(1);
        for (Workload workload : workloads) {
            for (Contestant contestant : Bench.contestants(options, workload)) {
                double speed = .5 + random.nextDouble();
                for (int round = 1; round <= WINDOWS; round++) {
                    double now = speed * (.9 + .2 * random.nextDouble());
                    results.add(workload, contestant, 1, round, figures(workload, now), 0, round == 2);
                }
            }
        }
        return results;
    }

    private static Map<Metric, Double> figures(Workload workload, double speed) {
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        if (workload.idle()) {
            figures.put(Metric.IDLE_MEMORY, 300 / speed);
            figures.put(Metric.IDLE_HEAP, 2500 / speed);
            figures.put(Metric.IDLE_TOTAL, 2800 / speed);
            figures.put(Metric.IDLE_CPU, 0.0);
            return figures;
        }
        figures.put(Metric.THROUGHPUT, 120_000 * speed);
        figures.put(Metric.CPU, 8 / speed);
        figures.put(Metric.P50, 110 / speed);
        figures.put(Metric.P90, 200 / speed);
        figures.put(Metric.P99, 350 / speed);
        figures.put(Metric.P999, 210_000 / speed);
        figures.put(Metric.SYSCALLS, .4 / speed);
        figures.put(Metric.MEMORY, 90 / speed);
        figures.put(Metric.SERVER_BUSY, 99.5);
        figures.put(Metric.LOAD_BUSY, 55.0);
        return figures;
    }
}
