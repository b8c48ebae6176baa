// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Whether a process grows with time. All figures are from checkpoints, when nothing is under way. The first quarter is
 * warm-up; the median of the last is held against that of the second, since a single figure depends on what came last.
 */
final class Flatness {
    private static final int QUARTERS = 4;
    /** With fewer it is warm-up all the time. */
    private static final int MIN_CHECKPOINTS = 12;

    private static final double TOLERATED_SHARE = 0.05;
    private static final long TOLERATED_BYTES = 8 << 20;
    /** Idle pipes of a loop, both ends. */
    private static final long TOLERATED_DESCRIPTORS = 16;

    private static final long TOLERATED_THREADS = 2;

    private Flatness() {}

    /** What has grown. */
    static List<String> judge(List<Usage> checkpoints) {
        List<String> grown = new ArrayList<>();
        if (checkpoints.size() >= MIN_CHECKPOINTS) {
            compare(grown, checkpoints, "resident memory beside the heap", TOLERATED_BYTES, usage -> usage.nativeRss);
            compare(grown, checkpoints, "receive memory", TOLERATED_BYTES, usage -> usage.receiveMemory);
            compare(grown, checkpoints, "slabs", TOLERATED_BYTES, usage -> usage.slabMemory);
            compare(grown, checkpoints, "file descriptors", TOLERATED_DESCRIPTORS, usage -> usage.otherDescriptors);
            compare(grown, checkpoints, "threads", TOLERATED_THREADS, usage -> usage.threads);
        }
        return grown;
    }

    private static void compare(
            List<String> grown, List<Usage> all, String what, long tolerated, ToLongFunction<Usage> figure) {
        int quarter = all.size() / QUARTERS;
        long before = median(all.subList(quarter, 2 * quarter), figure);
        long after = median(all.subList(all.size() - quarter, all.size()), figure);
        System.out.println(what + ": " + before + " in the second quarter, " + after + " in the last");
        if (after > before + Math.max(tolerated, (long) (before * TOLERATED_SHARE))) {
            grown.add(what + " grew from " + before + " to " + after);
        }
    }

    private static long median(List<Usage> usages, ToLongFunction<Usage> figure) {
        long[] sorted = usages.stream().mapToLong(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
