// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Compares this transport with Netty's: {@code ./bench} starts it. */
public final class Bench {
    /** Ours, as a relay whose bytes stay in the kernel. */
    static final String SPLICING = "uring+splice";

    /** What only relays can do, and relays in C. */
    private static final List<String> MORE_RELAYS = List.of(SPLICING, "c-copy", "c-splice");

    private final Options options;
    private final Site site;
    private final List<Workload> workloads;
    private final Results results = new Results();
    private final SyscallCounter syscalls = SyscallCounter.find();
    private volatile boolean isMeasuring;

    private Bench(Options options) throws IOException, InterruptedException {
        this.options = options;
        site = new Site(options.tools, options.output.resolve("work"), options.serverCpu, options.loadCpu);
        workloads = Workloads.chosen(options, site);
        site.makeKeystore();
    }

    /** Runs what the arguments say, and writes the report. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Bench bench;
        try {
            Options options = Options.parse(args);
            if (options.list) {
                list();
                return;
            }
            bench = new Bench(options);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage() + "; ./bench --help tells the options");
            System.exit(2);
            return;
        }
        bench.runUntilInterrupted();
        new Reports(bench.options, bench.workloads, bench.results, bench.syscalls).write();
    }

    private static void list() throws IOException {
        Options options = Options.parse(new String[0]);
        Site site = new Site(options.tools, options.output.resolve("work"), options.serverCpu, options.loadCpu);
        Workloads.all(site, options.idleConnections)
                .forEach(workload -> System.out.printf("%-18s %s%n", workload.id(), workload.title()));
    }

    /** Ctrl-C ends the measuring, and the report is written before the process ends. */
    private void runUntilInterrupted() throws IOException {
        Thread measuring = Thread.currentThread();
        Thread hook = new Thread(() -> {
            if (isMeasuring) {
                measuring.interrupt();
            }
            try {
                measuring.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        isMeasuring = true;
        try {
            runAll();
            isMeasuring = false;
        } catch (InterruptedException e) {
            System.out.println("Interrupted; the report is of what there is.");
            results.leaveOut("It was interrupted; what had not been measured by then is missing.");
        }
    }

    private void runAll() throws IOException, InterruptedException {
        Progress progress = new Progress(seconds(options, workloads));
        for (int fork = 1; fork <= options.forks; fork++) {
            for (Workload workload : workloads) {
                if (workload.idle()) {
                    new IdleRun(site, workload, fork, results, progress).run(contestants(options, workload));
                } else {
                    try (WorkloadRun run = new WorkloadRun(options, site, workload, fork, results, progress)) {
                        run.run(contestants(options, workload), syscalls);
                    }
                }
            }
        }
    }

    /** About how long all of it takes, as long as nothing has to be repeated. */
    static double seconds(Options options, List<Workload> workloads) {
        double seconds = 0;
        for (Workload workload : workloads) {
            double each = workload.idle() ? IdleRun.seconds() : WorkloadRun.seconds(options);
            seconds += each * contestants(options, workload).size() * options.forks;
        }
        return seconds;
    }

    /** Who takes part: some only where there is something to relay, and if nobody was asked for by name. */
    static List<Contestant> contestants(Options options, Workload workload) {
        List<Contestant> contestants = new ArrayList<>(options.contestants);
        if (!workload.relays()) {
            contestants.removeIf(Contestant::onlyRelays);
        }
        if (workload.datagrams()) {
            contestants.removeIf(Contestant::hasBufferRing); // they would be Netty's io_uring three times
        }
        if (workload.relays() && options.addsRelays()) {
            MORE_RELAYS.stream().map(Contestant::parse).forEach(contestants::add);
        }
        if (workload.bothMemories() && options.comparesZeroed()) {
            options.contestants.stream()
                    .filter(contestant -> !contestant.onlyRelays())
                    .map(Contestant::withZeroedMemory)
                    .forEach(contestants::add);
        }
        return contestants;
    }
}
