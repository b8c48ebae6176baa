// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static dev.nettyuring.microbench.harness.Goal.Others.BEST;
import static dev.nettyuring.microbench.harness.Goal.Others.EPOLL;
import static dev.nettyuring.microbench.harness.Goal.Others.IO_URING;

import java.util.ArrayList;
import java.util.List;

/** All that there is to do. */
final class Workloads {
    /** Those of {@code --quick}. */
    static final List<String> QUICK = List.of("hello-128", "piping-100k", "proxy-100k");

    private static final int SOME_CONNECTIONS = 16;
    private static final int PIPELINED = 16;
    private static final int PARALLEL = 10;
    private static final int STREAMS = 32;
    private static final int MESSAGES_A_CALL = 100;
    private static final int SEGMENTS = 16;
    private static final int SEGMENT_BYTES = 1200;

    /** So many bursts are under way; they fit into the least receive buffer that a socket has. */
    /** With four, server and load do little but wake each other up. */
    private static final int BURSTS = 8;

    private static final int SMALL_BODY = 102_400;
    private static final int LARGE_BODY = 10_485_760;
    private static final int FILE = 1 << 20;
    private static final String PASSWORD = "password=" + Site.KEYSTORE_PASSWORD;

    private Workloads() {}

    /**
     * In the order in which they run.
     *
     * @param idleConnections how many
     */
    static List<Workload> all(Site site, int idleConnections) {
        List<Workload> all = new ArrayList<>();
        addHttp(all, site);
        addDatagrams(all);
        addGrpc(all);
        addBodies(all);
        all.add(Workload.idle(idleConnections, Goal.atMost(Metric.IDLE_TOTAL, 1, EPOLL)));
        return all;
    }

    /**
     * Those that the options name.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    static List<Workload> chosen(Options options, Site site) {
        List<Workload> chosen = all(site, options.idleConnections).stream()
                .filter(workload -> options.workloads == null || options.workloads.contains(workload.id()))
                .toList();
        if (options.workloads != null && chosen.size() != options.workloads.size()) {
            throw new IllegalArgumentException("no such workload; --list names them");
        }
        return chosen;
    }

    private static void addHttp(List<Workload> all, Site site) {
        all.add(hello(1).asking(Goal.throughput(1.1, BEST), Goal.atMost(Metric.SYSCALLS, 2)));
        all.add(hello(16));
        all.add(hello(128).asking(Goal.throughput(1.25, IO_URING), Goal.throughput(1.5, EPOLL)));
        all.add(hello(1024));
        all.add(Workload.messages(
                        "pipelined-16",
                        "HTTP hello, 16 pipelined, 16 connections",
                        Loads.wrk("http", SOME_CONNECTIONS, PIPELINED),
                        "hello")
                .asking(Goal.throughput(1.15, BEST)));
        all.add(Workload.messages(
                        "echo-64",
                        "Echo of 64 B, 16 connections",
                        Loads.messages("echo", SOME_CONNECTIONS, "64"),
                        "echo")
                .asking(Goal.throughput(1.15, BEST)));
        all.add(Workload.messages(
                        "accept",
                        "Accept, request, close; 16 at a time",
                        Loads.messages("accept", SOME_CONNECTIONS),
                        "hello")
                .asking(Goal.throughput(1.2, BEST)));
        all.add(Workload.messages(
                "tls-16",
                "HTTPS hello, 16 connections",
                Loads.wrk("https", SOME_CONNECTIONS, 1),
                "hello",
                "keystore=" + site.keystore(),
                PASSWORD));
        all.add(Workload.messages(
                "http2",
                "HTTP/2 hello, 16 connections of 32 streams",
                H2Load.get(SOME_CONNECTIONS, STREAMS),
                "hello-h2"));
    }

    private static Workload hello(int connections) {
        String title = "HTTP hello, " + connections + (connections == 1 ? " connection" : " connections");
        return Workload.messages("hello-" + connections, title, Loads.wrk("http", connections, 1), "hello");
    }

    private static void addDatagrams(List<Workload> all) {
        all.add(Workload.messages(
                "udp-64", "UDP echo of 64 B, 16 sockets", Loads.datagrams(SOME_CONNECTIONS, 64, 1), "echo-udp"));
        all.add(Workload.bodies(
                "udp-gso",
                "UDP echo, 16 × 1,200 B by GSO, " + BURSTS + " sockets",
                (long) SEGMENTS * SEGMENT_BYTES,
                Loads.datagrams(BURSTS, SEGMENT_BYTES, SEGMENTS),
                "echo-udp",
                "joined=true"));
    }

    private static void addGrpc(List<Workload> all) {
        all.add(Workload.messages(
                "grpc-unary",
                "gRPC unary, 64 B, 16 connections of 32 calls",
                H2Load.call(SOME_CONNECTIONS, STREAMS, "/bench/Unary", 1),
                "echo-grpc"));
        all.add(Workload.messages(
                "grpc-stream",
                "gRPC streaming, 64 B both ways, 16 calls",
                H2Load.call(SOME_CONNECTIONS, 1, "/bench/Stream", MESSAGES_A_CALL),
                "echo-grpc"));
    }

    private static void addBodies(List<Workload> all) {
        all.add(piping("piping-100k", "Piping 100 KB bodies, 1 connection", SMALL_BODY, 1)
                .asking(Goal.throughput(1.1, BEST)));
        all.add(piping("piping-10m", "Piping 10 MB bodies, 1 connection", LARGE_BODY, 1)
                .asking(Goal.throughput(1.7, BEST)));
        all.add(piping("piping-100k-x10", "Piping 100 KB bodies, 10 in parallel", SMALL_BODY, PARALLEL));
        all.add(piping("piping-10m-x10", "Piping 10 MB bodies, 10 in parallel", LARGE_BODY, PARALLEL));
        all.add(proxy("proxy-100k", "Proxy, 100 KB bodies, 16 connections", SMALL_BODY)
                .asking(Goal.throughput(1.5, BEST), Goal.throughput(Bench.SPLICING, 2, BEST)));
        all.add(proxy("proxy-10m", "Proxy, 10 MB bodies, 16 connections", LARGE_BODY)
                .asking(Goal.throughput(1.5, BEST), Goal.throughput(Bench.SPLICING, 3, BEST)));
        all.add(file("file-100k", "Static file of 100 KB, 16 connections", SMALL_BODY));
        all.add(file("file-1m", "Static file of 1 MiB, 16 connections", FILE));
    }

    private static Workload file(String id, String title, int bytes) {
        return Workload.bodies(id, title, bytes, Loads.bodies(SOME_CONNECTIONS), "file", "bytes=" + bytes);
    }

    private static Workload piping(String id, String title, int bytes, int connections) {
        return Workload.bodies(id, title, 2L * bytes, Loads.inServer(connections), "piping", "bytes=" + bytes)
                .inBothMemories();
    }

    private static Workload proxy(String id, String title, int bytes) {
        return Workload.bodies(id, title, bytes, Loads.bodies(SOME_CONNECTIONS), "relay")
                .withOrigin(bytes);
    }
}
