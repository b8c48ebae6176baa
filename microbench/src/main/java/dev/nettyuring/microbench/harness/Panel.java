// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.List;
import java.util.Optional;

/** One workload, all contestants below each other. */
abstract class Panel {
    static final int WIDTH = 450;

    /** Where labels end, and what is drawn begins and ends. */
    static final int LABEL_END = 182;

    static final int PLOT_START = 188;
    static final int PLOT_END = 338;
    static final int VALUE_START = 346;

    static final int ROW = 20;
    private static final int HEAD = 24;
    private static final int FOOT = 20;
    private static final int BASELINE = 14;

    final Results results;
    final Workload workload;
    final List<Contestant> contestants;

    Panel(Results results, Workload workload, List<Contestant> contestants) {
        this.results = results;
        this.workload = workload;
        this.contestants = contestants;
    }

    int height() {
        return HEAD + contestants.size() * ROW + FOOT;
    }

    /** Draws it with its upper left corner there. */
    final void draw(Svg svg, int x, int y) {
        svg.text(x, y + BASELINE, "head", title());
        drawScale(svg, x, y + HEAD, y + HEAD + contestants.size() * ROW);
        for (int i = 0; i < contestants.size(); i++) {
            Contestant contestant = contestants.get(i);
            int row = y + HEAD + i * ROW;
            svg.text(x + LABEL_END, row + BASELINE, "end", contestant.label());
            if (!drawRow(svg, x, row, contestant)) {
                svg.text(x + PLOT_START, row + BASELINE, "unit", missing(contestant));
            }
        }
    }

    private String missing(Contestant contestant) {
        long disturbed = results.disturbed(workload, contestant);
        return disturbed > 0 ? "left out: all " + disturbed + " windows were disturbed" : "not measured";
    }

    abstract String title();

    abstract void drawScale(Svg svg, int x, int top, int bottom);

    /** Returns whether there was anything to draw. */
    abstract boolean drawRow(Svg svg, int x, int row, Contestant contestant);

    Optional<Spread> spread(Contestant contestant, Metric metric) {
        return results.spread(workload, contestant, metric);
    }
}
