// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What connections cost on which nothing happens, in a fork: one contestant after the other. */
final class IdleRun {
    private static final double WARM_SECONDS = 12;
    private static final int SETTLE_MILLIS = 2000;
    private static final int IDLE_MILLIS = 3000;
    private static final int POLL_MILLIS = 100;
    private static final int CONNECT_SECONDS = 60;
    private static final int LOAD_SECONDS = 600;
    /** Estimated: with connecting, and closing. */
    private static final double SECONDS = 27;

    private static final double MILLIS_A_SECOND = 1e3;

    private final Site site;
    private final Workload workload;
    private final int fork;
    private final Results results;
    private final Progress progress;
    private final int connections;

    IdleRun(Site site, Workload workload, int fork, Results results, Progress progress) {
        this.site = site;
        this.workload = workload;
        this.fork = fork;
        this.results = results;
        this.progress = progress;
        connections = ((IdleConnections) workload.load()).connections();
    }

    /** About how long a contestant takes. */
    static double seconds() {
        return SECONDS;
    }

    void run(List<Contestant> contestants) throws InterruptedException {
        for (Contestant contestant : contestants) {
            try (ServerProcess server = ServerProcess.start(site, workload, contestant, 0)) {
                server.await();
                workload.load().run(site, server, WARM_SECONDS);
                Thread.sleep(SETTLE_MILLIS); // the compilers give their memory back
                measure(contestant, server);
            } catch (IOException e) {
                String why = workload.id() + ", " + contestant.label() + ", fork " + fork + ": " + Results.firstOf(e);
                progress.say("LEFT OUT " + why);
                results.leaveOut(why);
            }
            progress.done(SECONDS);
        }
    }

    private void measure(Contestant contestant, ServerProcess server) throws IOException, InterruptedException {
        long heapBefore = server.heapBytes();
        long outsideBefore = server.residentBytesOutsideHeap();
        Path log = site.log("idle-load");
        Process load = site.start(
                log,
                site.tool("body_load"),
                "idle",
                Integer.toString(server.port()),
                Integer.toString(connections),
                Integer.toString(LOAD_SECONDS));
        try {
            awaitConnections(load, log);
            Thread.sleep(SETTLE_MILLIS);
            long heap = server.heapBytes() - heapBefore;
            long outside = server.residentBytesOutsideHeap() - outsideBefore;
            Set<Long> ours =
                    Set.of(server.pid(), load.pid(), ProcessHandle.current().pid());
            Proc.Snapshot before = Proc.Snapshot.take(ours);
            double cpuBefore = server.cpuSeconds();
            Thread.sleep(IDLE_MILLIS);
            double seconds = IDLE_MILLIS / MILLIS_A_SECOND;
            double cpu = (server.cpuSeconds() - cpuBefore) / seconds * MILLIS_A_SECOND;
            double others = Proc.Snapshot.take(ours).othersSince(before);
            // others' load changes none of these figures: memory is what it is, and the CPU is not short
            results.add(
                    workload,
                    contestant,
                    fork,
                    1,
                    Map.of(
                            Metric.IDLE_MEMORY, (double) outside / connections,
                            Metric.IDLE_HEAP, (double) heap / connections,
                            Metric.IDLE_TOTAL, (double) (outside + heap) / connections,
                            Metric.IDLE_CPU, cpu),
                    others,
                    false);
            progress.say(String.format(
                    "%s, %s: a connection takes %,d bytes, and %,d of the heap; CPU %.1f ms/s",
                    workload.id(), contestant.label(), outside / connections, heap / connections, cpu));
        } finally {
            load.destroyForcibly().waitFor();
        }
    }

    private static void awaitConnections(Process load, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_SECONDS);
        while (!Files.readString(log).contains("idle")) {
            if (!load.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException("not all connections could be made: " + Files.readString(log));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
