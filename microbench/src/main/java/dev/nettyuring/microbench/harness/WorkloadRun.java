// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A workload in a fork: all contestants' servers are started, warmed, and measured in turns. */
final class WorkloadRun implements AutoCloseable {
    private static final double START_SECONDS = 2;
    private static final double BETWEEN_SECONDS = 0.3;
    private static final double SYSCALL_SECONDS = 1;
    private static final int ATTEMPTS = 3;
    /** With new connections each time, as the windows have: with those the compiler begins anew. */
    private static final int WARM_UPS = 4;

    private static final double MICROS_A_SECOND = 1e6;
    private static final double BYTES_A_MEGABYTE = 1e6;
    private static final double BYTES_A_GIGABYTE = 1e9;
    private static final double BYTES_A_MIB = 1 << 20;

    private final Options options;
    private final Site site;
    private final Workload workload;
    private final int fork;
    private final Results results;
    private final Progress progress;
    private final Map<Contestant, ServerProcess> servers = new LinkedHashMap<>();
    private Process origin;
    private int originPort;

    WorkloadRun(Options options, Site site, Workload workload, int fork, Results results, Progress progress) {
        this.options = options;
        this.site = site;
        this.workload = workload;
        this.fork = fork;
        this.results = results;
        this.progress = progress;
    }

    /** About how long a contestant takes. */
    static double seconds(Options options) {
        return START_SECONDS
                + options.warmupSeconds
                + options.windows * (options.seconds + BETWEEN_SECONDS)
                + SYSCALL_SECONDS
                + 2 * BETWEEN_SECONDS;
    }

    void run(List<Contestant> contestants, SyscallCounter syscalls) throws IOException, InterruptedException {
        startOrigin();
        for (Contestant contestant : contestants) {
            servers.put(contestant, ServerProcess.start(site, workload, contestant, originPort));
        }
        for (Contestant contestant : contestants) {
            attempt(contestant, "start", () -> server(contestant).await());
            progress.done(START_SECONDS);
        }
        for (Contestant contestant : contestants) {
            attempt(contestant, "warm-up", () -> {
                say(contestant, "warm-up");
                warmUp(server(contestant));
            });
            progress.done(options.warmupSeconds);
        }
        for (int round = 1; round <= options.windows; round++) {
            for (Contestant contestant : contestants) {
                int thisRound = round;
                attempt(contestant, "window " + round, () -> measure(contestant, thisRound));
                progress.done(options.seconds + BETWEEN_SECONDS);
            }
        }
        for (Contestant contestant : contestants) {
            if (syscalls != SyscallCounter.NONE) {
                attempt(contestant, "counting system calls", () -> count(contestant, syscalls));
            }
            progress.done(SYSCALL_SECONDS + 2 * BETWEEN_SECONDS);
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** A contestant that fails takes no further part, and the report says why. */
    private void attempt(Contestant contestant, String what, Step step) throws InterruptedException {
        if (!servers.containsKey(contestant)) {
            return;
        }
        try {
            step.run();
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            String why = workload.id() + ", " + contestant.label() + ", fork " + fork + ", " + what + ": "
                    + Results.firstOf(e);
            progress.say("LEFT OUT " + why);
            results.leaveOut(why);
            servers.remove(contestant).close();
        }
    }

    private ServerProcess server(Contestant contestant) {
        return servers.get(contestant);
    }

    private void say(Contestant contestant, String what) {
        progress.say(workload.id() + ", " + contestant.label() + ": " + what);
    }

    private void startOrigin() throws IOException, InterruptedException {
        if (workload.relays()) {
            originPort = ServerProcess.freePort();
            origin = site.start(
                    site.log("origin"),
                    site.tool("body_load"),
                    "origin",
                    Integer.toString(originPort),
                    Long.toString(workload.originBytes()));
            ServerProcess.awaitPort(origin, originPort, site.log("origin"));
        }
    }

    private double originCpuSeconds() throws IOException {
        return origin == null ? 0 : Proc.cpuSeconds(origin.pid());
    }

    /** What fails while everything is still cold may go well later, and if not, the windows will tell. */
    private void warmUp(ServerProcess server) throws InterruptedException {
        for (int i = 0; i < WARM_UPS; i++) {
            try {
                workload.load().run(site, server, options.warmupSeconds / WARM_UPS);
            } catch (IOException e) {
                progress.say("warm-up: " + Results.firstOf(e));
            }
        }
    }

    /** A window, and others in its stead while others disturb it, or it fails. */
    private void measure(Contestant contestant, int round) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                if (!measureOnce(contestant, round).disturbed()
                        || attempt >= ATTEMPTS
                        || !progress.allowsRepetition()) {
                    return;
                }
            } catch (IOException e) {
                if (attempt >= ATTEMPTS) {
                    throw e;
                }
                say(contestant, "window " + round + " failed: " + Results.firstOf(e));
            }
        }
    }

    private Window measureOnce(Contestant contestant, int round) throws IOException, InterruptedException {
        ServerProcess server = server(contestant);
        Set<Long> ours = ours(server);
        Proc.Snapshot before = Proc.Snapshot.take(ours);
        double serverBefore = server.cpuSeconds();
        double loadBefore = Proc.endedChildrenCpuSeconds() + originCpuSeconds();
        Load.Outcome outcome = workload.load().run(site, server, options.seconds);
        double serverCpu = server.cpuSeconds() - serverBefore;
        double loadCpu = Proc.endedChildrenCpuSeconds() + originCpuSeconds() - loadBefore;
        double others = Proc.Snapshot.take(ours).othersSince(before);
        boolean disturbed = others > options.disturbance;
        Map<Metric, Double> figures = figures(outcome, serverCpu, loadCpu);
        figures.put(Metric.MEMORY, server.residentBytesOutsideHeap() / BYTES_A_MIB);
        say(
                contestant,
                String.format(
                        "window %d: %s %s, others used %.2f CPU%s",
                        round,
                        Metric.format(figures.get(Metric.THROUGHPUT)),
                        Metric.THROUGHPUT.unit(workload.bulk()),
                        others,
                        disturbed ? ": DISTURBED" : ""));
        return results.add(workload, contestant, fork, round, figures, others, disturbed);
    }

    private Map<Metric, Double> figures(Load.Outcome outcome, double serverCpu, double loadCpu) {
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        double bytes = outcome.responses() * workload.bodyBytes();
        figures.put(
                Metric.THROUGHPUT,
                (workload.bulk() ? bytes / BYTES_A_MEGABYTE : outcome.responses()) / outcome.seconds());
        figures.put(
                Metric.CPU,
                workload.bulk()
                        ? serverCpu / bytes * BYTES_A_GIGABYTE
                        : serverCpu / outcome.responses() * MICROS_A_SECOND);
        figures.put(Metric.SERVER_BUSY, serverCpu / outcome.seconds() * 100);
        figures.put(Metric.LOAD_BUSY, loadCpu / outcome.seconds() * 100);
        figures.putAll(outcome.latencies());
        return figures;
    }

    /** How much is done in a turn of the loop depends on others' load, too. */
    private void count(Contestant contestant, SyscallCounter syscalls) throws IOException, InterruptedException {
        ServerProcess server = server(contestant);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Proc.Snapshot before = Proc.Snapshot.take(ours(server));
            double calls = syscalls.perResponse(site, server, workload.load(), SYSCALL_SECONDS);
            double others = Proc.Snapshot.take(ours(server)).othersSince(before);
            boolean disturbed = syscalls == SyscallCounter.PERF && others > options.disturbance;
            say(contestant, String.format("%.2f system calls a request%s", calls, disturbed ? ": DISTURBED" : ""));
            results.add(workload, contestant, fork, 0, Map.of(Metric.SYSCALLS, calls), others, disturbed);
            if (!disturbed || !progress.allowsRepetition()) {
                return;
            }
        }
    }

    private Set<Long> ours(ServerProcess server) {
        long self = ProcessHandle.current().pid();
        return origin == null ? Set.of(server.pid(), self) : Set.of(server.pid(), self, origin.pid());
    }

    @Override
    public void close() {
        servers.values().forEach(ServerProcess::close);
        if (origin != null) {
            origin.destroyForcibly();
        }
    }
}
