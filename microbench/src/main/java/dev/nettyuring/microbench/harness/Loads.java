// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The load generators. All but the last run on the load's CPU. */
final class Loads {
    private static final Map<String, Metric> PERCENTILES =
            Map.of("p50_us", Metric.P50, "p90_us", Metric.P90, "p99_us", Metric.P99, "p999_us", Metric.P999);

    private Loads() {}

    /** wrk with one thread. */
    static Load wrk(String scheme, int connections, int pipelined) {
        return (site, server, seconds) -> parse(site.load(
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + Math.max(1, Math.round(seconds)) + "s",
                "-s",
                site.tool("wrk.lua"),
                scheme + "://127.0.0.1:" + server.port() + "/",
                "--",
                Integer.toString(pipelined)));
    }

    /** {@code body_load.c}, which throws away what it receives. */
    static Load bodies(int connections) {
        return (site, server, seconds) -> parse(site.load(
                site.tool("body_load"),
                "client",
                Integer.toString(server.port()),
                Integer.toString(connections),
                Double.toString(seconds)));
    }

    /** {@code message_load.c}. */
    static Load messages(String mode, int connections, String... arguments) {
        return (site, server, seconds) -> {
            String[] command = {
                site.tool("message_load"),
                mode,
                Integer.toString(server.port()),
                Integer.toString(connections),
                Double.toString(seconds)
            };
            String[] all = Arrays.copyOf(command, command.length + arguments.length);
            System.arraycopy(arguments, 0, all, command.length, arguments.length);
            return parse(site.load(all));
        };
    }

    /** {@code datagram_load.c}: on each socket a burst of so many datagrams. */
    static Load datagrams(int sockets, int bytes, int segments) {
        return (site, server, seconds) -> parse(site.load(
                site.tool("datagram_load"),
                Integer.toString(server.port()),
                Integer.toString(sockets),
                Double.toString(seconds),
                Integer.toString(bytes),
                Integer.toString(segments)));
    }

    /** On the server's own event loop. */
    static Load inServer(int connections) {
        return (site, server, seconds) -> parse(server.command("run " + connections + ' ' + seconds, seconds));
    }

    /** Names and numbers in turns, in the line that begins with {@code responses}. */
    private static Load.Outcome parse(String output) throws IOException {
        String line = output.lines()
                .filter(candidate -> candidate.startsWith("responses "))
                .findFirst()
                .orElseThrow(() -> new IOException(output.strip()));
        List<String> words = List.of(line.split(" "));
        Map<String, Double> numbers = new HashMap<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            numbers.put(words.get(i), Double.valueOf(words.get(i + 1)));
        }
        if (numbers.getOrDefault("errors", 0.0) > 0 || numbers.get("responses") == 0) {
            throw new IOException(line);
        }
        Map<Metric, Double> latencies = new EnumMap<>(Metric.class);
        PERCENTILES.forEach((name, metric) -> latencies.put(metric, numbers.get(name)));
        return new Load.Outcome(numbers.get("responses"), numbers.get("seconds"), latencies);
    }
}
