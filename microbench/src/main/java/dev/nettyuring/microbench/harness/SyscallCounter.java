// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the system calls of a server's event loop: by perf where that may, else by strace, which slows the server down meanwhile. */
enum SyscallCounter {
    /** By a tracepoint. */
    PERF(Pattern.compile("^(\\d+),.*raw_syscalls:sys_enter", Pattern.MULTILINE)) {
        @Override
        List<String> command(List<String> threads) {
            return List.of("perf", "stat", "-x,", "-e", EVENT, "-t", String.join(",", threads));
        }

        @Override
        boolean attached(BufferedReader output) throws InterruptedException {
            Thread.sleep(PERF_ATTACH_MILLIS); // it does not tell
            return true;
        }
    },
    /** By stopping it at every call. */
    STRACE(Pattern.compile("^100\\.00 +[\\d.]+ +(?:[\\d.]+ +)?(\\d+) .*total$", Pattern.MULTILINE)) {
        @Override
        List<String> command(List<String> threads) {
            return List.of("strace", "-c", "-U", "time-percent,total-time,calls,name", "-p", String.join(",", threads));
        }

        @Override
        boolean attached(BufferedReader output) throws IOException {
            String line = output.readLine();
            return line != null && line.contains("attached");
        }
    },
    /** Neither is possible. */
    NONE(Pattern.compile("$^")) {
        @Override
        List<String> command(List<String> threads) {
            throw new UnsupportedOperationException();
        }

        @Override
        boolean attached(BufferedReader output) {
            return false;
        }
    };

    /** How the kernel knows the thread of Netty's event loop; it cuts names. */
    private static final String EVENT_LOOP = "multiThreadIoEv";

    private static final String EVENT = "raw_syscalls:sys_enter";
    private static final int PERF_ATTACH_MILLIS = 300;
    private static final int END_SECONDS = 10;

    private final Pattern count;

    SyscallCounter(Pattern count) {
        this.count = count;
    }

    abstract List<String> command(List<String> threads);

    abstract boolean attached(BufferedReader output) throws IOException, InterruptedException;

    /** The first that works here. */
    static SyscallCounter find() {
        if (works(List.of("perf", "stat", "-x,", "-e", EVENT, "true"), PERF.count.asPredicate())) {
            return PERF;
        }
        return works(List.of("strace", "-f", "-c", "true"), output -> output.contains("total")) ? STRACE : NONE;
    }

    private static boolean works(List<String> command, Predicate<String> expected) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 && expected.test(output);
        } catch (IOException notInstalled) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** System calls a response, while {@code load} runs. */
    double perResponse(Site site, ServerProcess server, Load load, double seconds)
            throws IOException, InterruptedException {
        Process counter = new ProcessBuilder(command(Proc.threads(server.pid(), EVENT_LOOP)))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(counter.getInputStream(), StandardCharsets.UTF_8))) {
            if (!attached(output)) {
                throw new IOException(this + " cannot look at the server");
            }
            Load.Outcome outcome = load.run(site, server, seconds);
            interrupt(counter);
            StringBuilder told = new StringBuilder();
            output.lines().forEach(line -> told.append(line).append('\n'));
            Matcher matcher = count.matcher(told);
            if (!matcher.find()) {
                throw new IOException(this + ": " + told);
            }
            return Double.parseDouble(matcher.group(1)) / outcome.responses();
        } finally {
            counter.destroyForcibly();
        }
    }

    /** As Ctrl-C would: then they tell what they counted. */
    private static void interrupt(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor(END_SECONDS, TimeUnit.SECONDS);
    }
}
