// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A contestant's server, on the server's CPU. */
final class ServerProcess implements AutoCloseable {
    /** All of it resident from the start, so that the rest can be told. */
    static final int HEAP_MIB = 256;

    private static final int START_SECONDS = 60;
    private static final int ANSWER_SECONDS = 60;
    private static final int POLL_MILLIS = 50;
    private static final int LINES_TOLD = 5;
    private static final int JDK_THAT_ASKS = 24;

    private final Process process;
    private final boolean hasHeap;
    private final Path log;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private int port;

    private ServerProcess(Process process, boolean hasHeap, Path log) {
        this.process = process;
        this.hasHeap = hasHeap;
        this.log = log;
    }

    /**
     * Starts it, and does not wait.
     *
     * @param originPort for a relay
     */
    static ServerProcess start(Site site, Workload workload, Contestant contestant, int originPort) throws IOException {
        Path log = site.log(workload.id() + '-' + contestant.label());
        int port = contestant.isC() ? freePort() : 0;
        List<String> command = contestant.isC()
                ? List.of(
                        site.tool("plain_relay"),
                        contestant.mode(),
                        Integer.toString(port),
                        Integer.toString(originPort))
                : java(workload, contestant, originPort);
        Process process = new ProcessBuilder(site.onServerCpu(command))
                .redirectError(log.toFile())
                .start();
        ServerProcess server = new ServerProcess(process, !contestant.isC(), log);
        server.port = port;
        Thread reader = new Thread(server::readAnswers, "answers");
        reader.setDaemon(true);
        reader.start();
        return server;
    }

    private static List<String> java(Workload workload, Contestant contestant, int originPort) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms" + HEAP_MIB + 'm',
                "-Xmx" + HEAP_MIB + 'm',
                "-XX:+AlwaysPreTouch",
                "-XX:MaxDirectMemorySize=1g"));
        if (Runtime.version().feature() >= JDK_THAT_ASKS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(contestant.jvmOptions());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.nettyuring.microbench.BenchServer"));
        command.add(workload.service().get(0));
        command.add(contestant.transport());
        command.addAll(workload.service().subList(1, workload.service().size()));
        command.addAll(contestant.serverOptions());
        if (workload.relays()) {
            command.add("target=" + originPort);
        }
        if (contestant.zeroed()) {
            command.add("memory=zeroed");
        }
        return command;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void readAnswers() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(answers::add);
        } catch (IOException | UncheckedIOException ended) {
            // as it does when the server is told to end
        }
    }

    /** Waits until it listens. */
    void await() throws IOException, InterruptedException {
        if (hasHeap) {
            port = Integer.parseInt(answer("listening", START_SECONDS));
        } else {
            awaitPort(process, port, log);
        }
    }

    /** Waits until something accepts there. */
    static void awaitPort(Process process, int port, Path log) throws IOException, InterruptedException {
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException refused) {
                if (!process.isAlive()) {
                    throw new IOException(firstLines(log));
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    double cpuSeconds() throws IOException {
        return Proc.cpuSeconds(process.pid());
    }

    long residentBytesOutsideHeap() throws IOException {
        return Proc.residentBytes(process.pid()) - (hasHeap ? (long) HEAP_MIB << 20 : 0);
    }

    /** What is live in the heap, after a collection. */
    long heapBytes() throws IOException, InterruptedException {
        send("heap");
        return Long.parseLong(answer("heap", ANSWER_SECONDS));
    }

    /** Gives a command that takes so long, and returns its answer. */
    String command(String command, double seconds) throws IOException, InterruptedException {
        send(command);
        return "responses " + answer("responses", (int) seconds + ANSWER_SECONDS);
    }

    private void send(String command) throws IOException {
        process.getOutputStream().write((command + '\n').getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The rest of the next line, which must begin with {@code name}. */
    private String answer(String name, int seconds) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - end < 0) {
            String line = answers.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (line != null) {
                if (line.startsWith(name + ' ')) {
                    return line.substring(name.length() + 1);
                }
                throw new IOException(line + ' ' + firstLines(log));
            }
            if (!process.isAlive() && answers.isEmpty()) {
                throw new IOException("it ended: " + firstLines(log));
            }
        }
        throw new IOException("no answer for " + seconds + " s: " + firstLines(log));
    }

    private static String firstLines(Path log) throws IOException {
        return String.join(
                " ", Files.readAllLines(log).stream().limit(LINES_TOLD).toList());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
