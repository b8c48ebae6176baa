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
    private static final String LESS = BARS + "Less is better.";

    /** Workloads of messages, and of bodies. */
    private static final boolean[] KINDS = {false, true};

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
        new Overview(options, workloads, results).draw().ifPresent(overview -> plots.put("overview", overview));
        bars(plots, "throughput", "Throughput", Metric.THROUGHPUT, BARS + "More is better.");
        for (boolean bulk : KINDS) {
            add(
                    plots,
                    "latency" + suffix(bulk),
                    "Latency percentiles, at full load",
                    "Dots, from large to small: p50, p90, p99, p99.9; medians of all windows. Less is better.",
                    latencies(bulk));
        }
        bars(plots, "cpu", "Server's CPU time for a request, or a GB of bodies", Metric.CPU, LESS);
        bars(plots, "syscalls", "System calls of the server's event loop, a request", Metric.SYSCALLS, LESS);
        bars(plots, "memory", "Server's resident memory outside the heap, under load", Metric.MEMORY, LESS);
        add(plots, "idle", idleTitle(), LESS, idle());
        return plots;
    }

    /** Two pictures: more panels than these would be hard to find one's way in. */
    private void bars(Map<String, String> plots, String name, String title, Metric metric, String note) {
        for (boolean bulk : KINDS) {
            add(plots, name + suffix(bulk), title, note, bars(metric, bulk));
        }
    }

    private static String suffix(boolean bulk) {
        return bulk ? "-bodies" : "";
    }

    private List<Workload> with(Metric metric, boolean bulk) {
        return workloads.stream()
                .filter(workload -> workload.bulk() == bulk)
                .filter(workload -> Bench.contestants(options, workload).stream()
                        .anyMatch(contestant ->
                                results.spread(workload, contestant, metric).isPresent()))
                .toList();
    }

    private List<Panel> bars(Metric metric, boolean bulk) {
        List<Panel> panels = new ArrayList<>();
        for (Workload workload : with(metric, bulk)) {
            panels.add(new BarPanel(results, workload, Bench.contestants(options, workload), metric, workload.title()));
        }
        return panels;
    }

    private List<Panel> latencies(boolean bulk) {
        List<Panel> panels = new ArrayList<>();
        for (Workload workload : with(Metric.P99, bulk)) {
            panels.add(new LatencyPanel(results, workload, Bench.contestants(options, workload)));
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
