// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.ArrayList;
import java.util.List;

/** All that there is to do. */
final class Workloads {
    /** Those of {@code --quick}. */
    static final List<String> QUICK = List.of("hello-128", "piping-100k", "proxy-100k");

    private static final int[] HELLO_CONNECTIONS = {1, 16, 128, 1024};
    private static final int SOME_CONNECTIONS = 16;
    private static final int PIPELINED = 16;
    private static final int PARALLEL = 10;
    private static final int STREAMS = 32;
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
        for (int connections : HELLO_CONNECTIONS) {
            String title = "HTTP hello, " + connections + (connections == 1 ? " connection" : " connections");
            all.add(Workload.messages("hello-" + connections, title, Loads.wrk("http", connections, 1), "hello"));
        }
        all.add(Workload.messages(
                "pipelined-16",
                "HTTP hello, 16 pipelined, 16 connections",
                Loads.wrk("http", SOME_CONNECTIONS, PIPELINED),
                "hello"));
        all.add(Workload.messages(
                "echo-64", "Echo of 64 B, 16 connections", Loads.messages("echo", SOME_CONNECTIONS, "64"), "echo"));
        all.add(Workload.messages(
                "accept", "Accept, request, close; 16 at a time", Loads.messages("accept", SOME_CONNECTIONS), "hello"));
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
                Loads.h2load(SOME_CONNECTIONS, STREAMS),
                "hello-h2"));
        addBodies(all);
        all.add(Workload.messages(
                "idle",
                String.format("%,d idle connections", idleConnections),
                new IdleConnections(idleConnections),
                "hello"));
        return all;
    }

    private static void addBodies(List<Workload> all) {
        all.add(piping("piping-100k", "Piping 100 KB bodies, 1 connection", SMALL_BODY, 1));
        all.add(piping("piping-10m", "Piping 10 MB bodies, 1 connection", LARGE_BODY, 1));
        all.add(piping("piping-100k-x10", "Piping 100 KB bodies, 10 in parallel", SMALL_BODY, PARALLEL));
        all.add(piping("piping-10m-x10", "Piping 10 MB bodies, 10 in parallel", LARGE_BODY, PARALLEL));
        all.add(proxy("proxy-100k", "Proxy, 100 KB bodies, 16 connections", SMALL_BODY));
        all.add(proxy("proxy-10m", "Proxy, 10 MB bodies, 16 connections", LARGE_BODY));
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
