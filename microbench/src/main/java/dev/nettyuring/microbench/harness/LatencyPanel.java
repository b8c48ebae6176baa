// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** Percentiles as dots on a logarithmic scale, the same for all. */
final class LatencyPanel extends Panel {
    private static final List<Metric> PERCENTILES = List.of(Metric.P50, Metric.P90, Metric.P99, Metric.P999);
    private static final double[] RADII = {4.5, 3.5, 2.5, 1.5};
    private static final double MICROS_A_MILLI = 1e3;
    private static final double MICROS_A_SECOND = 1e6;
    private static final int MIDDLE = 10;
    private static final int BASELINE = 14;

    /** That of a label on the scale, and of the room beside it. */
    private static final double LABEL_WIDTH = 46;

    private final double logLeast;
    private final double logMost;

    LatencyPanel(Results results, Workload workload, List<Contestant> contestants) {
        super(results, workload, contestants);
        logLeast = Math.floor(Math.log10(values().min().orElse(1)));
        logMost = Math.max(logLeast + 1, Math.ceil(Math.log10(values().max().orElse(1))));
    }

    private DoubleStream values() {
        return contestants.stream()
                .flatMap(contestant -> PERCENTILES.stream().map(metric -> spread(contestant, metric)))
                .flatMap(Optional::stream)
                .mapToDouble(Spread::median)
                .filter(value -> value > 0);
    }

    @Override
    String title() {
        return workload.title() + " — p50 / p99";
    }

    @Override
    void drawScale(Svg svg, int x, int top, int bottom) {
        int every = (int) Math.ceil(LABEL_WIDTH * (logMost - logLeast) / (PLOT_END - PLOT_START));
        for (int power = (int) logLeast; power <= logMost; power++) {
            double at = x + PLOT_START + length(Math.pow(10, power));
            svg.line(at, top, at, bottom, "grid");
            if ((power - (int) logLeast) % every == 0) {
                svg.text(at, bottom + BASELINE, "unit middle", time(Math.pow(10, power)));
            }
        }
    }

    /** Short, and in the unit that suits it. */
    private static String time(double micros) {
        if (micros >= MICROS_A_SECOND) {
            return digits(micros / MICROS_A_SECOND) + " s";
        }
        return micros >= MICROS_A_MILLI ? digits(micros / MICROS_A_MILLI) + " ms" : digits(micros) + " µs";
    }

    private static String digits(double value) {
        return value == Math.rint(value) ? String.valueOf(Math.round(value)) : Metric.format(value);
    }

    @Override
    boolean drawRow(Svg svg, int x, int row, Contestant contestant) {
        Optional<Spread> p50 = spread(contestant, Metric.P50);
        Optional<Spread> p99 = spread(contestant, Metric.P99);
        Optional<Spread> p999 = spread(contestant, Metric.P999);
        if (p50.isEmpty() || p99.isEmpty() || p999.isEmpty()) {
            return false;
        }
        String colour = Svg.colour(contestant);
        int start = x + PLOT_START;
        svg.line(
                start + length(p50.get().median()),
                row + MIDDLE,
                start + length(p999.get().median()),
                row + MIDDLE,
                colour);
        for (int i = 0; i < PERCENTILES.size(); i++) {
            double radius = RADII[i];
            spread(contestant, PERCENTILES.get(i))
                    .ifPresent(spread -> svg.circle(start + length(spread.median()), row + MIDDLE, radius, colour));
        }
        svg.text(
                x + VALUE_START,
                row + BASELINE,
                "",
                time(p50.get().median()) + " / " + time(p99.get().median()));
        return true;
    }

    private double length(double value) {
        double share = (Math.log10(Math.max(value, 1e-3)) - logLeast) / (logMost - logLeast);
        return Math.max(0, Math.min(1, share)) * (PLOT_END - PLOT_START);
    }
}
