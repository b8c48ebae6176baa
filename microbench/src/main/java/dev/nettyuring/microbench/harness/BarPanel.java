// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.List;
import java.util.Optional;

/** Medians as bars from 0, all to the same scale, with whiskers from the least to the most. */
final class BarPanel extends Panel {
    private static final int BAR_TOP = 4;
    private static final int BAR = 13;
    private static final int MIDDLE = 10;
    private static final int CAP = 3;
    private static final int BASELINE = 14;

    private final Metric metric;
    private final String title;
    private final double most;

    BarPanel(Results results, Workload workload, List<Contestant> contestants, Metric metric, String title) {
        super(results, workload, contestants);
        this.metric = metric;
        this.title = title;
        most = contestants.stream()
                .map(contestant -> spread(contestant, metric))
                .flatMap(Optional::stream)
                .mapToDouble(Spread::max)
                .max()
                .orElse(0);
    }

    @Override
    String title() {
        return title + " — " + metric.unit(workload.bulk());
    }

    @Override
    void drawScale(Svg svg, int x, int top, int bottom) {
        svg.line(x + PLOT_START, top, x + PLOT_START, bottom, "grid");
        svg.line(x + PLOT_END, top, x + PLOT_END, bottom, "grid");
        svg.text(x + PLOT_START, bottom + BASELINE, "unit middle", "0");
        svg.text(x + PLOT_END, bottom + BASELINE, "unit middle", most > 0 ? Metric.format(most) : "");
    }

    @Override
    boolean drawRow(Svg svg, int x, int row, Contestant contestant) {
        Optional<Spread> measured = spread(contestant, metric);
        measured.ifPresent(spread -> {
            svg.rect(x + PLOT_START, row + BAR_TOP, length(spread.median()), BAR, Svg.colour(contestant));
            double from = x + PLOT_START + length(spread.min());
            double to = x + PLOT_START + length(spread.max());
            svg.line(from, row + MIDDLE, to, row + MIDDLE, "whisker");
            svg.line(from, row + MIDDLE - CAP, from, row + MIDDLE + CAP, "whisker");
            svg.line(to, row + MIDDLE - CAP, to, row + MIDDLE + CAP, "whisker");
            String ratio = results.bestOfNettys(workload, contestants, contestant.zeroed(), metric)
                    .filter(best -> best > 0)
                    .map(best -> String.format(" · %.2f×", spread.median() / best))
                    .orElse("");
            svg.text(x + VALUE_START, row + BASELINE, "", Metric.format(spread.median()) + ratio);
        });
        return measured.isPresent();
    }

    private double length(double value) {
        return most <= 0 ? 0 : Math.max(0, value) / most * (PLOT_END - PLOT_START);
    }
}
