// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.Locale;

/** What a window tells. Of all but throughput less is better. */
enum Metric {
    /** Requests, or megabytes (1e6 bytes) of bodies, a second. */
    THROUGHPUT("throughput", "requests/s", "MB/s"),
    /** CPU time of the server, user and system. */
    CPU("CPU", "µs/request", "s/GB"),
    /** Median of the latencies. */
    P50("latency p50", "µs", "µs"),
    P90("latency p90", "µs", "µs"),
    P99("latency p99", "µs", "µs"),
    P999("latency p99.9", "µs", "µs"),
    /** System calls of the server's event loop, counted in a window of its own. */
    SYSCALLS("system calls", "per request", "per request"),
    /** Resident memory of the server but for its heap, which is resident from the start. */
    MEMORY("memory", "MiB", "MiB"),
    /** How much of its CPU the server used. */
    SERVER_BUSY("server busy", "%", "%"),
    /** How much of its CPU the load used. */
    LOAD_BUSY("load busy", "%", "%"),
    /** Growth of resident memory outside the heap, by idle connection. */
    IDLE_MEMORY("memory outside the heap", "bytes a connection", "bytes a connection"),
    /** Growth of what is live in the heap, by idle connection. */
    IDLE_HEAP("heap", "bytes a connection", "bytes a connection"),
    /** Both. */
    IDLE_TOTAL("memory in all", "bytes a connection", "bytes a connection"),
    /** CPU time of a server whose connections are all idle. */
    IDLE_CPU("CPU while idle", "ms/s", "ms/s");

    private static final int MANY = 100;
    private static final int FEW = 10;

    private final String title;
    private final String unit;
    private final String bulkUnit;

    Metric(String title, String unit, String bulkUnit) {
        this.title = title;
        this.unit = unit;
        this.bulkUnit = bulkUnit;
    }

    String title() {
        return title;
    }

    String unit(boolean bulk) {
        return bulk ? bulkUnit : unit;
    }

    boolean moreIsBetter() {
        return this == THROUGHPUT;
    }

    /** Three digits, and no more of them than mean something. */
    static String format(double value) {
        if (value >= MANY) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= FEW ? "%.1f" : value >= 1 ? "%.2f" : "%.3f", value);
    }
}
