// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What was measured, and what was not. */
final class Results {
    private static final int MESSAGE = 300;

    private final List<Window> windows = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    /** Something that a reader would look for is not there, and why. */
    void leaveOut(String what) {
        leftOut.add(what);
    }

    /** What went wrong, in a line. */
    static String firstOf(Exception e) {
        String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        return message.length() <= MESSAGE ? message : message.substring(0, MESSAGE) + "…";
    }

    List<Window> windows() {
        return windows;
    }

    List<String> leftOut() {
        return leftOut;
    }

    boolean has(Workload workload) {
        return windows.stream().anyMatch(window -> window.workload().equals(workload.id()));
    }

    /** Of the windows that were not disturbed; empty if there are none, or they do not tell. */
    Optional<Spread> spread(Workload workload, Contestant contestant, Metric metric) {
        double[] values = of(workload, contestant)
                .filter(window -> !window.disturbed())
                .map(Window::figures)
                .filter(figures -> figures.containsKey(metric))
                .mapToDouble(figures -> figures.get(metric))
                .toArray();
        return values.length == 0 ? Optional.empty() : Optional.of(Spread.of(values));
    }

    private Stream<Window> of(Workload workload, Contestant contestant) {
        return windows.stream()
                .filter(window -> window.workload().equals(workload.id()))
                .filter(window -> window.contestant().equals(contestant.label()));
    }

    long disturbed(Workload workload, Contestant contestant) {
        return of(workload, contestant).filter(Window::disturbed).count();
    }

    /** The best of Netty's own transports, with memory as this contestant has it. */
    Optional<Double> bestOfNettys(Workload workload, List<Contestant> contestants, boolean zeroed, Metric metric) {
        return contestants.stream()
                .filter(contestant -> contestant.isNettys() && contestant.zeroed() == zeroed)
                .map(contestant -> spread(workload, contestant, metric))
                .flatMap(Optional::stream)
                .map(Spread::median)
                .reduce(metric.moreIsBetter() ? Math::max : Math::min);
    }

    /** Adds a window, with whether it counts. */
    Window add(
            Workload workload,
            Contestant contestant,
            int fork,
            int round,
            Map<Metric, Double> figures,
            double others,
            boolean disturbed) {
        Window window =
                new Window(workload.id(), contestant.label(), fork, round, Map.copyOf(figures), others, disturbed);
        windows.add(window);
        return window;
    }
}
