// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pictures: one a metric, with a panel for each workload. */
final class Plots {
    private static final int COLUMNS = 2;
    private static final int MARGIN = 8;
    private static final int TITLE = 52;
    private static final int TITLE_BASELINE = 20;
    private static final int NOTE_BASELINE = 38;
    private static final String BARS =
            "Median of all windows; whiskers: least and most. ×: of the best of Netty's own transports. ";

    private final Options options;
    private final Results results;
    private final List<Workload> workloads;

    Plots(Options options, List<Workload> workloads, Results results) {
        this.options = options;
        this.results = results;
        this.workloads = workloads.stream().filter(results::has).toList();
    }

    /** By file name, without ending; those with nothing in them are not there. */
    Map<String, String> draw() {
        Map<String, String> plots = new LinkedHashMap<>();
        add(plots, "throughput", "Throughput", BARS + "More is better.", bars(Metric.THROUGHPUT));
        add(
                plots,
                "latency",
                "Latency percentiles, at full load",
                "Dots, from large to small: p50, p90, p99, p99.9; medians of all windows. Less is better.",
                latencies());
        add(
                plots,
                "cpu",
                "Server's CPU time for a request, or a GB of bodies",
                BARS + "Less is better.",
                bars(Metric.CPU));
        add(
                plots,
                "syscalls",
                "System calls of the server's event loop, a request",
                BARS + "Less is better.",
                bars(Metric.SYSCALLS));
        add(
                plots,
                "memory",
                "Server's resident memory outside the heap, under load",
                BARS + "Less is better.",
                bars(Metric.MEMORY));
        add(plots, "idle", idleTitle(), BARS + "Less is better.", idle());
        return plots;
    }

    private List<Panel> bars(Metric metric) {
        List<Panel> panels = new ArrayList<>();
        for (Workload workload : workloads) {
            List<Contestant> contestants = Bench.contestants(options, workload);
            if (contestants.stream().anyMatch(contestant -> results.spread(workload, contestant, metric)
                    .isPresent())) {
                panels.add(new BarPanel(results, workload, contestants, metric, workload.title()));
            }
        }
        return panels;
    }

    private List<Panel> latencies() {
        List<Panel> panels = new ArrayList<>();
        for (Workload workload : workloads) {
            List<Contestant> contestants = Bench.contestants(options, workload);
            if (contestants.stream().anyMatch(contestant -> results.spread(workload, contestant, Metric.P99)
                    .isPresent())) {
                panels.add(new LatencyPanel(results, workload, contestants));
            }
        }
        return panels;
    }

    private String idleTitle() {
        return workloads.stream()
                .filter(Workload::idle)
                .map(Workload::title)
                .findFirst()
                .orElse("");
    }

    private List<Panel> idle() {
        List<Panel> panels = new ArrayList<>();
        for (Workload workload : workloads) {
            if (workload.idle()) {
                List<Contestant> contestants = Bench.contestants(options, workload);
                for (Metric metric :
                        List.of(Metric.IDLE_MEMORY, Metric.IDLE_HEAP, Metric.IDLE_TOTAL, Metric.IDLE_CPU)) {
                    panels.add(new BarPanel(results, workload, contestants, metric, metric.title()));
                }
            }
        }
        return panels;
    }

    private static void add(Map<String, String> plots, String name, String title, String note, List<Panel> panels) {
        if (panels.isEmpty()) {
            return;
        }
        Svg svg = new Svg(COLUMNS * (Panel.WIDTH + MARGIN) + MARGIN);
        svg.text(MARGIN, TITLE_BASELINE, "title", title);
        svg.text(MARGIN, NOTE_BASELINE, "unit", note);
        int y = TITLE;
        for (int first = 0; first < panels.size(); first += COLUMNS) {
            int height = 0;
            for (int i = first; i < Math.min(first + COLUMNS, panels.size()); i++) {
                panels.get(i).draw(svg, MARGIN + (i - first) * (Panel.WIDTH + MARGIN), y);
                height = Math.max(height, panels.get(i).height());
            }
            y += height + MARGIN;
        }
        plots.put(name, svg.finish(y, title));
    }
}
