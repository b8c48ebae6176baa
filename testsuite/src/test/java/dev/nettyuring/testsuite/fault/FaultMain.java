// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.testsuite.Leaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs seeds, under {@link FaultAgent}: {@code FOLDER FIRST COUNT SECONDS [SEED...]}: the single ones, and then so many, or for so
 * long, whichever ends first. */
public final class FaultMain {
    /** Printed when all went well. */
    static final String DONE = "no seed failed";

    private static final long SEED_LIMIT_MILLIS = TimeUnit.MINUTES.toMillis(3);
    private static final int SINGLE_SEEDS = 4;
    private static final int SEEDS_BETWEEN_LEAK_CHECKS = 25;
    private static volatile long seedRunning;
    private static volatile long seedStartMillis;

    private FaultMain() {}

    /** The program. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        long first = Long.parseLong(arguments[1]);
        long count = Long.parseLong(arguments[2]);
        Leaks.record();
        Warnings.record();
        Uring.ensureAvailability();
        startWatchdog();
        List<Long> failed = new ArrayList<>();
        for (int i = SINGLE_SEEDS; i < arguments.length; i++) {
            if (!run(Long.parseLong(arguments[i]), folder)) {
                failed.add(Long.parseLong(arguments[i]));
            }
        }
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[3]));
        long seed = first;
        for (; seed < first + count && System.nanoTime() < endNanos; seed++) {
            if (!run(seed, folder)) {
                failed.add(seed);
            }
            if ((seed - first) % SEEDS_BETWEEN_LEAK_CHECKS == SEEDS_BETWEEN_LEAK_CHECKS - 1 && hasLeaks()) {
                failed.add(seed);
            }
        }
        if (hasLeaks()) {
            failed.add(seed - 1);
        }
        System.out.println((seed - first) + " seeds from " + first + ": "
                + (failed.isEmpty() ? DONE : failed.size() + " failed: " + failed));
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    private static boolean run(long seed, Path folder) throws Exception {
        seedRunning = seed;
        seedStartMillis = System.currentTimeMillis();
        FaultRun run = new FaultRun(seed, folder);
        List<String> wrong = run.run();
        long millis = System.currentTimeMillis() - seedStartMillis;
        if (wrong.isEmpty()) {
            if (Boolean.getBoolean("faults.verbose")) {
                System.out.println("seed " + seed + ": " + millis + " ms, " + run);
            }
            return true;
        }
        System.out.println("SEED " + seed + " FAILED in " + millis + " ms: -Dfaults.seed=" + seed + "; " + run);
        wrong.stream()
                .limit(20)
                .forEach(text ->
                        System.out.println("  " + text.lines().limit(30).collect(Collectors.joining("\n      "))));
        return false;
    }

    private static boolean hasLeaks() throws InterruptedException {
        List<String> leaks = Leaks.find();
        leaks.forEach(leak -> System.out.println("LEAK " + leak));
        return !leaks.isEmpty();
    }

    private static void startWatchdog() {
        Thread watchdog = new Thread(
                () -> {
                    while (seedStartMillis == 0 || System.currentTimeMillis() - seedStartMillis < SEED_LIMIT_MILLIS) {
                        try {
                            Thread.sleep(500);
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                    System.out.println("SEED " + seedRunning + " STALLED: -Dfaults.seed=" + seedRunning);
                    Threads.dump();
                    Runtime.getRuntime().halt(2);
                },
                "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }
}
