// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.example.EchoServer;
import dev.nettyuring.example.HttpServer;
import dev.nettyuring.example.RunningServer;
import dev.nettyuring.example.TlsServer;
import dev.nettyuring.example.UdpEchoServer;
import dev.nettyuring.example.UnixServer;
import dev.nettyuring.example.chat.ChatServer;
import dev.nettyuring.example.files.FileServer;
import dev.nettyuring.example.ident.IdentServer;
import dev.nettyuring.testsuite.ChildJvm;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The smaller examples, with clients that are not ours; and that each has a {@code main} that starts and ends it. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ExamplesInteropTest {
    private static final int LIMIT_MILLIS = 20_000;
    private static final int TERMINATED = 128 + 15;

    @TempDir
    Path directory;

    @Test
    void tcpEcho() throws Exception {
        byte[] sent = Payload.bytes(Payload.LARGE);
        try (RunningServer server = EchoServer.start(0);
                Socket client = new Socket("127.0.0.1", server.port())) {
            client.setSoTimeout(LIMIT_MILLIS);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, sent));
            assertThat(client.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            writing.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void write(Socket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void udpEcho() throws Exception {
        try (RunningServer server = UdpEchoServer.start(0);
                DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(LIMIT_MILLIS);
            for (int size : List.of(0, 1, 60_000)) {
                byte[] sent = Payload.bytes(size);
                client.send(new DatagramPacket(sent, size, InetAddress.getLoopbackAddress(), server.port()));
                DatagramPacket received = new DatagramPacket(new byte[1 << 16], 1 << 16);
                client.receive(received);
                assertThat(Arrays.copyOf(received.getData(), received.getLength()))
                        .isEqualTo(sent);
            }
        }
    }

    @Test
    void unixSocketsTellWhoAsks() throws Exception {
        Path socket = directory.resolve("socket");
        try (RunningServer server = UnixServer.start(socket.toString())) {
            String user = new String(run("id", "-u"), StandardCharsets.UTF_8).trim();
            String url = "http://localhost/";
            assertThat(new String(
                            Curl.run(List.of("--unix-socket", socket.toString(), url, url)), StandardCharsets.UTF_8))
                    .matches("(Hello from io_uring, process [0-9]+ of user " + user + "\n){2}");
            assertThatThrownBy(() -> UnixServer.start(socket.toString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EADDRINUSE");
        }
        assertThat(socket).doesNotExist();
    }

    private static byte[] run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        assertThat(process.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        return process.getInputStream().readAllBytes();
    }

    private static SslContextBuilder certificate() {
        return SslContextBuilder.forServer(
                Security.certificate().getKeyPair().getPrivate(),
                Security.certificate().getCertificatePath());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void tlsSpeaksWhatTheClientPrefers(HttpClient.Version version) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .sslContext(Security.jdkContext())
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
        try (RunningServer server = TlsServer.start(0, certificate())) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                    .timeout(Duration.ofMillis(LIMIT_MILLIS))
                    .build();
            String protocol = version == HttpClient.Version.HTTP_2 ? "h2" : "http/1.1";
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.version()).isEqualTo(version);
                assertThat(response.body()).isEqualTo("Hello from io_uring over " + protocol + " and TLSv1.3\n");
            }
        }
    }

    @Test
    void tlsForCurlAndOlderClients() throws Exception {
        try (RunningServer server = TlsServer.start(0, certificate())) {
            String url = "https://127.0.0.1:" + server.port() + "/";
            assertThat(new String(Curl.run(List.of("--http2", url)), StandardCharsets.UTF_8))
                    .contains("h2");
            assertThat(new String(Curl.run(List.of("--no-alpn", "--tls-max", "1.2", url)), StandardCharsets.UTF_8))
                    .contains("http/1.1 and TLSv1.2");
        }
    }

    @Test
    void aPortThatIsTakenIsTold() throws Exception {
        try (RunningServer first = EchoServer.start(0)) {
            assertThatThrownBy(() -> EchoServer.start(first.port()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void eachProgramSaysWhereItListensAndEndsWhenToldTo() throws Exception {
        String socket = directory.resolve("program.sock").toString();
        List<Process> programs = new ArrayList<>();
        try {
            for (Class<?> main : List.of(
                    HttpServer.class,
                    EchoServer.class,
                    UdpEchoServer.class,
                    TlsServer.class,
                    FileServer.class,
                    ChatServer.class,
                    IdentServer.class)) {
                programs.add(start(main, main == HttpServer.class ? "--port=0" : "0"));
            }
            programs.add(start(UnixServer.class, socket));
            for (Process program : programs.subList(0, programs.size() - 1)) {
                assertThat(firstLine(program)).containsPattern("(127\\.0\\.0\\.1|localhost):[1-9][0-9]+");
            }
            assertThat(firstLine(programs.get(programs.size() - 1))).contains(socket);
            for (Process program : programs) {
                program.toHandle().destroy(); // SIGTERM
            }
            for (Process program : programs) {
                assertThat(program.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
                assertThat(program.exitValue()).isEqualTo(TERMINATED);
            }
            assertThat(Path.of(socket)).as("closed, not just ended").doesNotExist();
        } finally {
            programs.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(Class<?> main, String argument) throws IOException {
        List<String> command = ChildJvm.command("-Xmx256m");
        command.addAll(List.of(main.getName(), argument));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String firstLine(Process program) throws IOException {
        return new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }
}
