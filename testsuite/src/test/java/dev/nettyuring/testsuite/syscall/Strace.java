// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * strace(1), attached to one thread of another process: while it is, system calls of that thread fail, and those of the
 * others, the JVM's own among them, do not.
 */
final class Strace implements AutoCloseable {
    private static final int LIMIT_SECONDS = 30;
    private static final Pattern MMAP =
            Pattern.compile("mmap\\(.*, (\\d+), .*MAP_(?:ANONYMOUS|SHARED).*\\) = 0x([0-9a-f]+)");
    private static final Pattern MUNMAP = Pattern.compile("munmap\\(0x([0-9a-f]+), (\\d+)\\) += 0");
    /** Of a thread's stack, and of the JVM's own memory. */
    private static final Pattern NOT_OURS = Pattern.compile("MAP_STACK|MAP_NORESERVE|MAP_FIXED|PROT_NONE");

    /** In a row that the thread is found waiting before it is let go. */
    private static final int WAITS = 3;

    private static final int STEP_MILLIS = 3;
    private static final long PAGE = 4096;

    private final Path trace;
    private final Path status;
    private final Process process;

    private Strace(Path trace, Path status, Process process) {
        this.trace = trace;
        this.status = status;
        this.process = process;
    }

    private boolean isWaiting() {
        try {
            return Files.readString(status).contains("State:\tS");
        } catch (IOException noThread) {
            return true;
        }
    }

    /** Attaches to a thread, of whose calls those fail that {@code when} says: {@code 1}, {@code 2+3}, {@code 1..5}. */
    static Strace attach(Path folder, long thread, String call, String errno, String when) throws Exception {
        Path trace = folder.resolve("trace");
        Process process = new ProcessBuilder(
                        "strace",
                        "-p",
                        Long.toString(thread),
                        "-o",
                        trace.toString(),
                        "-e",
                        "trace=mmap,munmap," + call,
                        "-e",
                        "inject=" + call + ":error=" + errno + ":when=" + when)
                .redirectErrorStream(true)
                .start();
        Strace strace = new Strace(trace, Path.of("/proc", Long.toString(thread), "status"), process);
        BufferedReader said = process.inputReader();
        String line = said.readLine();
        if (line == null || !line.contains("attached")) {
            strace.close();
            throw new IllegalStateException("strace does not attach: " + line);
        }
        return strace;
    }

    /** How many calls failed by its doing. Once it is closed. */
    long injected() throws IOException {
        return lines().stream().filter(line -> line.contains("(INJECTED)")).count();
    }

    List<String> lines() throws IOException {
        return Files.readAllLines(trace);
    }

    /** How many bytes were mapped and not unmapped meanwhile. Once it is closed. */
    long bytesLeftMapped() throws IOException {
        NavigableMap<Long, Long> endsByStart = new TreeMap<>();
        for (String line : lines()) {
            Matcher mmap = MMAP.matcher(line);
            Matcher munmap = MUNMAP.matcher(line);
            if (mmap.find() && !NOT_OURS.matcher(line).find()) {
                long start = Long.parseLong(mmap.group(2), 16);
                endsByStart.put(start, start + wholePages(mmap.group(1)));
            } else if (munmap.find()) {
                long start = Long.parseLong(munmap.group(1), 16);
                unmap(endsByStart, start, start + wholePages(munmap.group(2)));
            }
        }
        return endsByStart.entrySet().stream()
                .mapToLong(mapping -> mapping.getValue() - mapping.getKey())
                .sum();
    }

    private static long wholePages(String bytes) {
        return (Long.parseLong(bytes) + PAGE - 1) & -PAGE;
    }

    /** A mapping may be given back in parts. */
    private static void unmap(NavigableMap<Long, Long> endsByStart, long start, long end) {
        for (Map.Entry<Long, Long> mapping : new TreeMap<>(endsByStart.headMap(end)).entrySet()) {
            long mappedEnd = mapping.getValue();
            if (mappedEnd <= start) {
                continue;
            }
            endsByStart.remove(mapping.getKey());
            if (mapping.getKey() < start) {
                endsByStart.put(mapping.getKey(), start);
            }
            if (mappedEnd > end) {
                endsByStart.put(end, mappedEnd);
            }
        }
    }

    /** Lets go of the thread, once that waits for something: a call that is being made to fail would fail in another way. */
    @Override
    public void close() throws InterruptedException {
        long start = System.nanoTime();
        for (int waits = 0; waits < WAITS && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS); ) {
            waits = isWaiting() ? waits + 1 : 0;
            TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
        }
        process.destroy();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
