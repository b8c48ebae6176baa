// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.time.Duration;

/** Tells what is being done, and how long the rest will take, judging by how long things took that are done. */
final class Progress {
    /** By which share of its estimate a run may be late before nothing is measured a second time. */
    private static final double LATE = .1;

    private final double totalSeconds;
    private final long startNanos = System.nanoTime();
    private double doneSeconds;

    /** {@code totalSeconds} are an estimate of all that will be {@linkplain #done reported} as done. */
    Progress(double totalSeconds) {
        this.totalSeconds = totalSeconds;
        System.out.println("This takes about " + minutes(totalSeconds)
                + "; Ctrl-C ends it early, with a report of what there is.");
    }

    /** Something is over for which so much was estimated. */
    void done(double estimatedSeconds) {
        doneSeconds += estimatedSeconds;
    }

    private double elapsedSeconds() {
        return Duration.ofNanos(System.nanoTime() - startNanos).toMillis() / 1e3;
    }

    /** Whether there is time to measure again what others disturbed. */
    boolean allowsRepetition() {
        return elapsedSeconds() < doneSeconds + LATE * totalSeconds;
    }

    /** A line about what is going on. */
    void say(String what) {
        double elapsed = elapsedSeconds();
        double slowness = doneSeconds > 0 ? Math.max(1, elapsed / doneSeconds) : 1;
        double left = (totalSeconds - doneSeconds) * slowness;
        System.out.printf("[%3.0f%%, %s left] %s%n", doneSeconds / totalSeconds * 100, minutes(left), what);
    }

    private static String minutes(double seconds) {
        long whole = Math.round(Math.max(0, seconds));
        return whole >= 3600
                ? String.format("%d:%02d:%02d h", whole / 3600, whole / 60 % 60, whole % 60)
                : String.format("%d:%02d min", whole / 60, whole % 60);
    }
}
