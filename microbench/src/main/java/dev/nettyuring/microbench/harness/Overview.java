// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All workloads in one picture: a row each, with everybody's throughput as a multiple of the best of Netty's. */
final class Overview {
    private static final int MARGIN = 8;
    private static final int WIDTH = 760;
    private static final int TITLE_BASELINE = 20;
    private static final int NOTE_BASELINE = 38;
    private static final int TOP = 56;
    private static final int ROW = 20;
    private static final int BASELINE = 14;
    private static final int MIDDLE = 10;
    private static final int LABEL_END = 270;
    private static final int START = 280;
    private static final int END = 680;
    private static final int VALUE_START = 690;
    private static final double OURS_RADIUS = 5;
    private static final double RADIUS = 3.5;
    private static final int LEGEND_COLUMN = 190;
    private static final int LEGEND_COLUMNS = 4;
    private static final int LEGEND_TEXT = 10;
    private static final int AXIS = 28;
    private static final int MARK = 7;
    private static final String TITLE = "Throughput, as a multiple of the best of Netty's own transports";

    private final Options options;
    private final Results results;
    private final List<Workload> workloads;
    private final Goals goals;
    private final double most;

    Overview(Options options, List<Workload> workloads, Results results) {
        this.options = options;
        this.results = results;
        this.workloads = workloads.stream()
                .filter(workload -> best(workload).isPresent())
                .toList();
        goals = new Goals(options, results);
        most = this.workloads.stream()
                .flatMap(workload ->
                        shown(workload).stream().flatMap(contestant -> times(workload, contestant).stream()))
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
    }

    private List<Contestant> shown(Workload workload) {
        return Bench.contestants(options, workload).stream()
                .filter(contestant -> !contestant.zeroed() && !contestant.isC())
                .toList();
    }

    private Optional<Double> best(Workload workload) {
        return results.bestOfNettys(workload, Bench.contestants(options, workload), false, Metric.THROUGHPUT);
    }

    private Optional<Double> times(Workload workload, Contestant contestant) {
        return results.spread(workload, contestant, Metric.THROUGHPUT)
                .map(spread -> spread.median() / best(workload).orElseThrow());
    }

    /** Empty if nothing was measured that can be compared. */
    Optional<String> draw() {
        if (workloads.isEmpty()) {
            return Optional.empty();
        }
        Svg svg = new Svg(WIDTH);
        svg.text(MARGIN, TITLE_BASELINE, "title", TITLE);
        svg.text(MARGIN, NOTE_BASELINE, "unit", "Medians of all windows. The line at a row's dots: the goal.");
        int bottom = TOP + workloads.size() * ROW;
        drawScale(svg, bottom);
        for (int i = 0; i < workloads.size(); i++) {
            drawRow(svg, TOP + i * ROW, workloads.get(i));
        }
        return Optional.of(svg.finish(drawLegend(svg, bottom + AXIS), TITLE));
    }

    private void drawScale(Svg svg, int bottom) {
        for (int i = 0; i <= Math.ceil(most); i++) {
            svg.line(at(i), TOP, at(i), bottom, i == 1 ? "whisker" : "grid");
            svg.text(at(i), bottom + BASELINE, "unit middle", i + "×");
        }
    }

    private double at(double times) {
        return START + times / Math.ceil(most) * (END - START);
    }

    private void drawRow(Svg svg, int top, Workload workload) {
        svg.text(LABEL_END, top + BASELINE, "end", workload.title());
        List<Contestant> contestants = shown(workload);
        for (int i = contestants.size() - 1; i >= 0; i--) { // ours last, and on top
            Contestant contestant = contestants.get(i);
            double radius = contestant.isNettys() ? RADIUS : OURS_RADIUS;
            times(workload, contestant).ifPresent(times -> {
                svg.circle(at(times), top + MIDDLE, radius, style(contestant));
                if (!contestant.isNettys() && !contestant.onlyRelays()) {
                    svg.text(VALUE_START, top + BASELINE, "", String.format("%.2f×", times));
                }
            });
        }
        for (Goals.Outcome outcome : goals.of(List.of(workload))) {
            if (outcome.goal().metric() == Metric.THROUGHPUT && outcome.measured() > 0) {
                drawGoal(svg, top, workload, outcome);
            }
        }
    }

    private void drawGoal(Svg svg, int top, Workload workload, Goals.Outcome outcome) {
        shown(workload).stream()
                .filter(contestant -> contestant.label().equals(outcome.goal().contestant()))
                .findFirst()
                .flatMap(contestant -> times(workload, contestant))
                .map(times -> at(times / outcome.measured() * outcome.goal().times()))
                .filter(x -> x <= END)
                .ifPresent(x -> svg.line(x, top + MIDDLE - MARK, x, top + MIDDLE + MARK, "whisker"));
    }

    /** What only relays can do looks alike, and is no other transport. */
    private static String style(Contestant contestant) {
        return Svg.colour(contestant) + (contestant.onlyRelays() ? " hollow" : "");
    }

    /** Returns where it ends. */
    private int drawLegend(Svg svg, int top) {
        Map<String, Contestant> all = new LinkedHashMap<>();
        workloads.forEach(
                workload -> shown(workload).forEach(contestant -> all.putIfAbsent(contestant.label(), contestant)));
        int i = 0;
        for (Contestant contestant : all.values()) {
            int x = MARGIN + i % LEGEND_COLUMNS * LEGEND_COLUMN;
            int y = top + i / LEGEND_COLUMNS * ROW;
            svg.circle(x + OURS_RADIUS, y + MIDDLE, OURS_RADIUS, style(contestant));
            svg.text(x + OURS_RADIUS + LEGEND_TEXT, y + BASELINE, "", contestant.label());
            i++;
        }
        return top + (i + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * ROW + MARGIN;
    }
}
