// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.Arrays;

/**
 * Of the windows that count.
 *
 * @param lower the lower quartile, between which and the upper one lies the middle half
 */
record Spread(double median, double min, double lower, double upper, double max, int count) {
    private static final double LOWER = .25;
    private static final double MIDDLE = .5;
    private static final double UPPER = .75;

    /** Of at least one value. */
    static Spread of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Spread(
                quantile(sorted, MIDDLE),
                sorted[0],
                quantile(sorted, LOWER),
                quantile(sorted, UPPER),
                sorted[sorted.length - 1],
                sorted.length);
    }

    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
    }

    /** Whether the middle halves of both have something in common. */
    boolean overlaps(Spread other) {
        return lower <= other.upper && other.lower <= upper;
    }
}
