// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether what is asked was reached. */
final class Goals {
    private static final double HUNDREDTHS = 100;

    private final Options options;
    private final Results results;

    Goals(Options options, Results results) {
        this.options = options;
        this.results = results;
    }

    /** How a goal fared. */
    enum Verdict {
        MET,
        /** Missed, but by less than windows differ. */
        MET_WITHIN_NOISE,
        MISSED,
        /** One of the two has no window that counts. */
        NOT_MEASURED;

        String title() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * A goal's outcome.
     *
     * @param measured the ratio, or the figure itself where the goal asks for one; {@code NaN} if it was not measured
     * @param best whom it was compared with; empty for nobody
     */
    record Outcome(Workload workload, Goal goal, double measured, String best, Verdict verdict) {}

    /** Of the workloads, in their order; without those that did not run. */
    List<Outcome> of(List<Workload> workloads) {
        return workloads.stream()
                .filter(results::has)
                .flatMap(workload -> workload.goals().stream()
                        .filter(goal -> takesPart(workload, goal))
                        .map(goal -> judge(workload, goal)))
                .toList();
    }

    /** Whoever was not asked to take part has missed nothing. */
    private boolean takesPart(Workload workload, Goal goal) {
        return contestant(workload, goal).isPresent();
    }

    private Optional<Contestant> contestant(Workload workload, Goal goal) {
        return Bench.contestants(options, workload).stream()
                .filter(candidate -> candidate.label().equals(goal.contestant()))
                .findFirst();
    }

    private Outcome judge(Workload workload, Goal goal) {
        Optional<Spread> ours =
                contestant(workload, goal).flatMap(contestant -> results.spread(workload, contestant, goal.metric()));
        if (goal.others() == Goal.Others.NOBODY) {
            double figure = ours.map(Spread::median).orElse(Double.NaN);
            return new Outcome(workload, goal, figure, "", verdict(goal, toTwoDecimals(figure), false));
        }
        Optional<Contestant> best = best(workload, goal);
        Optional<Spread> theirs = best.flatMap(contestant -> results.spread(workload, contestant, goal.metric()));
        double ratio = ours.isPresent() && theirs.isPresent()
                ? ours.get().median() / theirs.get().median()
                : Double.NaN;
        boolean alike = ours.isPresent() && theirs.isPresent() && ours.get().overlaps(theirs.get());
        return new Outcome(workload, goal, ratio, best.map(Contestant::label).orElse(""), verdict(goal, ratio, alike));
    }

    /** As far as a figure that is asked for counts: a window also has a few system calls that belong to none of its requests. */
    private static double toTwoDecimals(double figure) {
        return Math.rint(figure * HUNDREDTHS) / HUNDREDTHS;
    }

    private Optional<Contestant> best(Workload workload, Goal goal) {
        Metric metric = goal.metric();
        Comparator<Contestant> byMedian = Comparator.comparingDouble(contestant ->
                results.spread(workload, contestant, metric).orElseThrow().median());
        return Bench.contestants(options, workload).stream()
                .filter(contestant -> goal.others().has(contestant) && !contestant.zeroed())
                .filter(contestant ->
                        results.spread(workload, contestant, metric).isPresent())
                .max(metric.moreIsBetter() ? byMedian : byMedian.reversed());
    }

    private static Verdict verdict(Goal goal, double measured, boolean alike) {
        if (Double.isNaN(measured)) {
            return Verdict.NOT_MEASURED;
        }
        if (goal.metric().moreIsBetter() ? measured >= goal.times() : measured <= goal.times()) {
            return Verdict.MET;
        }
        return goal.withinNoise() && alike ? Verdict.MET_WITHIN_NOISE : Verdict.MISSED;
    }
}
