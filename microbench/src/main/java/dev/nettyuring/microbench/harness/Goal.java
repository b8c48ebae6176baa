// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import dev.nettyuring.microbench.Transport;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What is asked of this transport in a workload.
 *
 * @param contestant whom it is asked of
 * @param metric of which it is to have so many times what the others have; at least, or, where less is better, at most
 * @param withinNoise whether it may be missed by less than windows differ from each other: by the middle halves of both
 */
record Goal(String contestant, Metric metric, double times, Others others, boolean withinNoise) {
    private static final String OURS = Transport.URING.label();

    /** Whom it is compared with. */
    enum Others {
        BEST("the best of Netty's", Contestant::isNettys),
        IO_URING("the best of Netty's io_uring", Contestant::isNettysRing),
        EPOLL("epoll", contestant -> contestant.transport().equals(Transport.EPOLL.label()) && !contestant.zeroed()),
        /** With nobody: the figure itself is asked for. */
        NOBODY("", contestant -> false);

        private final String title;
        private final Predicate<Contestant> who;

        Others(String title, Predicate<Contestant> who) {
            this.title = title;
            this.who = who;
        }

        boolean has(Contestant contestant) {
            return who.test(contestant);
        }
    }

    /** Of every workload that has a load. */
    static final List<Goal> NEVER_WORSE =
            List.of(new Goal(OURS, Metric.CPU, 1, Others.BEST, true), new Goal(OURS, Metric.P99, 1, Others.BEST, true));

    static Goal throughput(double times, Others others) {
        return throughput(OURS, times, others);
    }

    static Goal throughput(String contestant, double times, Others others) {
        return new Goal(contestant, Metric.THROUGHPUT, times, others, false);
    }

    static Goal atMost(Metric metric, double value) {
        return new Goal(OURS, metric, value, Others.NOBODY, false);
    }

    static Goal atMost(Metric metric, double times, Others others) {
        return new Goal(OURS, metric, times, others, false);
    }

    /** For people. */
    String asked() {
        String bound = metric.moreIsBetter() ? "at least " : "at most ";
        String number = String.format(Locale.ROOT, times == Math.rint(times) ? "%.0f" : "%.2f", times);
        return others == Others.NOBODY ? bound + number : bound + number + " × " + others.title;
    }
}
