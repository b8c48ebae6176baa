// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.OpenFiles;
import dev.nettyuring.testsuite.ProcessStatus;
import java.io.IOException;
import java.util.List;
import java.util.function.ToLongFunction;

/** What the process holds at a moment. */
final class Usage {
    private static final int KIB = 1 << 10;
    private static final double MIB = 1 << 20;

    /** Resident, in bytes. */
    final long rss;
    /** The same, without Java's heap, all of which is resident from the beginning. */
    final long nativeRss;

    final long sockets;
    /** Rings, eventfds, pipes. */
    final long otherDescriptors;

    final int threads;
    final long operationsInFlight;
    final long buffersInPipeline;
    final long receiveMemory;
    final long slabMemory;

    private Usage(List<UringMetrics> loops) throws IOException {
        rss = Long.parseLong(ProcessStatus.of("VmRSS")) * KIB;
        nativeRss = rss - Runtime.getRuntime().maxMemory();
        List<String> open = OpenFiles.targets();
        sockets = open.stream().filter(target -> target.startsWith("socket:")).count();
        otherDescriptors =
                open.stream().filter(target -> !target.startsWith("/")).count() - sockets;
        threads = Integer.parseInt(ProcessStatus.of("Threads"));
        operationsInFlight = sum(loops, UringMetrics::operationsInFlight);
        buffersInPipeline = sum(loops, loop -> loop.receiveBuffers(BufferState.PIPELINE));
        receiveMemory = sum(loops, UringMetrics::receiveMemory);
        slabMemory = UringByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    static Usage of(List<UringMetrics> loops) throws IOException {
        return new Usage(loops);
    }

    private static long sum(List<UringMetrics> loops, ToLongFunction<UringMetrics> figure) {
        return loops.stream().mapToLong(figure).sum();
    }

    @Override
    public String toString() {
        return String.format(
                "in flight %d, in pipelines %d, receive memory %.1f MiB, slabs %.1f MiB, RSS %.1f MiB (%.1f native),"
                        + " sockets %d, other descriptors %d, threads %d",
                operationsInFlight,
                buffersInPipeline,
                receiveMemory / MIB,
                slabMemory / MIB,
                rss / MIB,
                nativeRss / MIB,
                sockets,
                otherDescriptors,
                threads);
    }
}
