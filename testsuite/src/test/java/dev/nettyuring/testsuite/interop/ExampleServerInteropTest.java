// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.example.HttpServer;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.OpenFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP server that {@code ./demo} runs. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ExampleServerInteropTest {
    private static final String HELLO = "Hello from io_uring\n";
    private static final int LIMIT_MILLIS = 10_000;
    private static final int LIMIT_SECONDS = 20;

    @TempDir
    Path directory;

    private static HttpServer start() throws Exception {
        HttpServer server = new HttpServer(1);
        server.start(0);
        return server;
    }

    private static String curl(HttpServer server, String path, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add("http://127.0.0.1:" + server.port() + path);
        return new String(Curl.run(arguments), StandardCharsets.UTF_8);
    }

    /** All that the server says to some bytes until it closes the connection. */
    private static String exchange(HttpServer server, String request) throws IOException {
        try (Socket client = new Socket("127.0.0.1", server.port())) {
            client.setSoTimeout(LIMIT_MILLIS);
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void greets() throws Exception {
        try (HttpServer server = start()) {
            assertThat(curl(server, "/", "-w", "%{http_code} %{content_type}"))
                    .isEqualTo(HELLO + "200 text/plain; charset=utf-8");
            assertThat(curl(server, "/", "--head")).contains("HTTP/1.1 200 OK", "content-length: " + HELLO.length());
        }
    }

    @Test
    void refusesWhatItDoesNotServe() throws Exception {
        try (HttpServer server = start()) {
            assertThat(curl(server, "/else", "-w", "%{http_code}")).isEqualTo("404 Not Found\n404");
            assertThat(curl(server, "/", "--data", "x", "--include")).contains("HTTP/1.1 405", "allow: GET, HEAD");
            assertThat(exchange(server, "NONSENSE\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("connection: close");
            assertThat(curl(server, "/", "-H", "Host:", "-w", "%{http_code}")).isEqualTo("400 Bad Request\n400");
        }
    }

    @Test
    void answersPipelinedRequestsInTheirOrderUntilTheLast() throws Exception {
        String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        String missing = "GET /else HTTP/1.1\r\nHost: a\r\n\r\n";
        String last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        try (HttpServer server = start()) {
            String answers = exchange(server, get.repeat(100) + missing + last + get);
            assertThat(count(answers, HELLO)).isEqualTo(101);
            assertThat(count(answers, "HTTP/1.1 ")).as("nothing after the last").isEqualTo(102);
            assertThat(answers.substring(answers.indexOf("404 Not Found\n"))).contains(HELLO);
        }
    }

    @Test
    void countsWhatItServes() throws Exception {
        try (HttpServer server = start()) {
            for (int i = 0; i < 5; i++) {
                curl(server, "/");
            }
            String stats = curl(server, "/stats");
            assertThat(number(stats, "connections")).isEqualTo(6);
            assertThat(number(stats, "requests")).isEqualTo(5);
            assertThat(number(stats, "bytesSent")).isGreaterThan(5 * HELLO.length());
            assertThat(number(stats, "ioUringEnters")).isPositive();
            assertThat(number(stats, "systemCallsPerRequest")).isPositive();
            assertThat(server.statistics().requests()).isEqualTo(6);
        }
    }

    private static double number(String json, String name) {
        Matcher matcher = Pattern.compile('"' + name + "\": ([0-9.]+)").matcher(json);
        assertThat(matcher.find()).as("%s in %s", name, json).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    @Test
    void leavesNoSocketWhenItStops() throws Exception {
        HttpServer server = start();
        int port = server.port();
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(LIMIT_MILLIS);
            Awaitility.await("the connection").until(() -> server.statistics().connections() == 1);
            server.close();
            assertThat(client.getInputStream().read()).as("end of the stream").isEqualTo(-1);
        }
        assertThat(OpenFiles.socketsOfPort(port)).isZero();
        server.close(); // harmless
    }

    @Test
    void cannotStartOnAPortThatIsTaken() throws Exception {
        try (HttpServer first = start();
                HttpServer second = new HttpServer(1)) {
            assertThatThrownBy(() -> second.start(first.port()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void aProcessTellsItsAddressAndFeaturesAndWhatItServed() throws Exception {
        Process process = startProcess(List.of(), "--port", "0", "--threads", "1");
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String address = out.readLine().split(" ")[0];
            assertThat(out.readLine()).isEqualTo("transport: io_uring");
            assertThat(new String(Curl.run(List.of(address)), StandardCharsets.UTF_8))
                    .isEqualTo(HELLO);
            process.toHandle().destroy(); // SIGTERM; Process.destroy() would close its output as well
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            List<String> rest = out.lines().toList();
            assertThat(rest.get(0)).startsWith("kernel: ");
            for (Feature feature : Feature.values()) {
                assertThat(rest).anyMatch(line -> line.startsWith("  " + feature + ": " + feature.use()));
            }
            assertThat(rest).contains("features in use:");
            assertThat(rest.contains("features not in use:"))
                    .isEqualTo(Uring.features().size() < Feature.values().length);
            assertThat(rest).anyMatch(line -> line.startsWith("served 1 connections, 1 requests, "));
            assertThat(rest).anyMatch(line -> line.startsWith("io_uring_enter: "));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aProcessSaysWhichPortIsTakenAndHowToChooseAnother() throws Exception {
        try (HttpServer server = start()) {
            assertThat(errorsOfFailure(1, List.of(), "--port", String.valueOf(server.port())))
                    .contains("port " + server.port(), "--port", "EADDRINUSE");
        }
    }

    @Test
    void aProcessWithoutIoUringSaysWhy() throws Exception {
        assertThat(errorsOfFailure(1, List.of("-Dos.name=Plan 9"), "--port", "0"))
                .startsWith("io_uring is not available: ")
                .contains("Plan 9");
    }

    @Test
    void aProcessWithWrongOptionsTellsTheRightOnes() throws Exception {
        assertThat(errorsOfFailure(2, List.of(), "--port", "65536")).contains("65536", "usage: ", "--threads");
        assertThat(errorsOfFailure(2, List.of(), "--prot", "80")).contains("--prot", "usage: ");
    }

    private String errorsOfFailure(int exitCode, List<String> jvmOptions, String... arguments) throws Exception {
        Process process = startProcess(jvmOptions, arguments);
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("it ends")
                    .isTrue();
            assertThat(process.exitValue()).isEqualTo(exitCode);
            return Files.readString(directory.resolve("errors"));
        } finally {
            process.destroyForcibly();
        }
    }

    private Process startProcess(List<String> jvmOptions, String... arguments) throws IOException {
        List<String> command = ChildJvm.command(jvmOptions.toArray(new String[0]));
        command.add(HttpServer.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }
}
