// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP/2 without TLS, by h2load.
 *
 * @param streams at once on each connection
 * @param path what is requested
 * @param messages of gRPC that a request's body has, each of {@link #MESSAGE_BYTES}, and that must come back; 0 for no body
 */
record H2Load(int connections, int streams, String path, int messages) implements Load {
    static final int MESSAGE_BYTES = 64;

    /** Of a message of gRPC: not compressed, and its length. */
    private static final int PREFIX_BYTES = 1 + Integer.BYTES;

    private static final Pattern FINISHED = Pattern.compile("finished in ([\\d.]+)(m?s)");
    private static final Pattern DONE = Pattern.compile("(\\d+) done, (\\d+) succeeded, (\\d+) failed, (\\d+) errored");
    private static final Pattern DATA = Pattern.compile("\\((\\d+)\\) data");
    private static final double MILLIS_A_SECOND = 1e3;
    private static final int LATENCY_COLUMN = 2;
    private static final double[] SHARES = {.5, .9, .99, .999};
    private static final Metric[] PERCENTILES = {Metric.P50, Metric.P90, Metric.P99, Metric.P999};

    /** Requests without a body. */
    static H2Load get(int connections, int streams) {
        return new H2Load(connections, streams, "/", 0);
    }

    /** Calls of a method of gRPC that sends back the messages that it gets. */
    static H2Load call(int connections, int streams, String method, int messages) {
        return new H2Load(connections, streams, method, messages);
    }

    @Override
    public Outcome run(Site site, ServerProcess server, double seconds) throws IOException, InterruptedException {
        Path log = site.log("h2load-latencies");
        Files.deleteIfExists(log); // it would append
        List<String> command = new ArrayList<>(List.of(
                "h2load",
                "-t1",
                "-c" + connections,
                "-m" + streams,
                "-D" + Math.max(1, Math.round(seconds)),
                "--log-file=" + log));
        if (messages > 0) {
            Path body = site.log("h2load-body-" + messages);
            Files.write(body, body());
            command.addAll(
                    List.of("-d", body.toString(), "-H", "content-type: application/grpc", "-H", "te: trailers"));
        }
        command.add("http://127.0.0.1:" + server.port() + path);
        Outcome counted = parse(site.load(command.toArray(String[]::new)));
        return new Outcome(counted.responses(), counted.seconds(), latencies(Files.readAllLines(log)));
    }

    private byte[] body() {
        ByteBuffer body = ByteBuffer.allocate(messages * (PREFIX_BYTES + MESSAGE_BYTES));
        byte[] message = new byte[MESSAGE_BYTES];
        Arrays.fill(message, (byte) 'x');
        for (int i = 0; i < messages; i++) {
            body.put((byte) 0).putInt(MESSAGE_BYTES).put(message);
        }
        return body.array();
    }

    /** A call that fails has no data, though its status be 200. */
    Outcome parse(String output) throws IOException {
        Matcher finished = FINISHED.matcher(output);
        Matcher done = DONE.matcher(output);
        Matcher data = DATA.matcher(output);
        if (!finished.find()
                || !done.find()
                || !data.find()
                || !done.group(1).equals(done.group(2))
                || done.group(1).equals("0")) {
            throw new IOException(output.strip());
        }
        long requests = Long.parseLong(done.group(1));
        if (Long.parseLong(data.group(1)) < requests * messages * (PREFIX_BYTES + MESSAGE_BYTES)) {
            throw new IOException("not all messages came back: " + output.strip());
        }
        double seconds =
                Double.parseDouble(finished.group(1)) / (finished.group(2).equals("s") ? 1 : MILLIS_A_SECOND);
        return new Outcome((double) requests * Math.max(1, messages), seconds, Map.of());
    }

    /** From a line for each request: when it began, its status, and how many microseconds it took. */
    static Map<Metric, Double> latencies(List<String> log) {
        double[] micros = log.stream()
                .map(line -> line.split("\t"))
                .filter(columns -> columns.length > LATENCY_COLUMN)
                .mapToDouble(columns -> Double.parseDouble(columns[LATENCY_COLUMN]))
                .sorted()
                .toArray();
        if (micros.length == 0) {
            return Map.of();
        }
        Map<Metric, Double> latencies = new EnumMap<>(Metric.class);
        for (int i = 0; i < SHARES.length; i++) {
            latencies.put(PERCENTILES[i], micros[(int) (SHARES[i] * micros.length)]);
        }
        return latencies;
    }
}
