// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.example.proxy.HttpProxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example's reverse proxy, between clients and origins that are not ours. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class SplicingProxyInteropTest {
    private static final int LIMIT_SECONDS = 30;
    private static final HttpClient JDK = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    @TempDir
    Path directory;

    private static HttpProxy proxyFor(int originPort) throws InterruptedException {
        HttpProxy proxy = new HttpProxy(2, new InetSocketAddress("127.0.0.1", originPort));
        proxy.start(0);
        return proxy;
    }

    static List<Integer> sizes() {
        return List.of(0, 1, 100 << 10, 10 << 20);
    }

    private static HttpRequest.Builder request(HttpProxy proxy, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path))
                .timeout(Duration.ofSeconds(LIMIT_SECONDS));
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return JDK.sendAsync(request.build(), BodyHandlers.ofByteArray()).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void responsesOfEitherFramingAreWhole(int size) throws Exception {
        try (InteropServer origin = InteropServer.start(Security.PLAIN, Application.HTTP_1);
                HttpProxy proxy = proxyFor(origin.port())) {
            for (String kind : List.of("bytes", "stream", "bytes")) {
                HttpResponse<byte[]> response = send(request(proxy, "/" + kind + "/" + size));
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo(Payload.bytes(size));
            }
            assertThat(origin.connections()).as("kept").isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void requestsOfEitherFramingAreWhole(int size) throws Exception {
        try (InteropServer origin = InteropServer.start(Security.PLAIN, Application.HTTP_1);
                HttpProxy proxy = proxyFor(origin.port())) {
            byte[] body = Payload.bytes(size);
            for (HttpRequest.BodyPublisher publisher : List.of(
                    BodyPublishers.ofByteArray(body),
                    BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))) {
                assertThat(send(request(proxy, "/digest").POST(publisher)).body())
                        .asString()
                        .isEqualTo(Payload.sha256(size));
            }
            assertThat(send(request(proxy, "/echo").POST(BodyPublishers.ofByteArray(body)))
                            .body())
                    .isEqualTo(body);
        }
    }

    @Test
    void manyClientsAtOnce() throws Exception {
        try (InteropServer origin = InteropServer.start(Security.PLAIN, Application.HTTP_1);
                HttpProxy proxy = proxyFor(origin.port())) {
            List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String kind = i % 2 == 0 ? "/bytes/" : "/stream/";
                responses.add(
                        JDK.sendAsync(request(proxy, kind + (1_000_000 + i)).build(), BodyHandlers.ofByteArray()));
            }
            for (int i = 0; i < 40; i++) {
                assertThat(responses.get(i).get(LIMIT_SECONDS, TimeUnit.SECONDS).body())
                        .isEqualTo(Payload.bytes(1_000_000 + i));
            }
        }
    }

    @Test
    void curlDownloadsAsksForHeadsAndUploads() throws Exception {
        Path file = directory.resolve("upload");
        Files.write(file, Payload.bytes(Payload.LARGE));
        try (InteropServer origin = InteropServer.start(Security.PLAIN, Application.HTTP_1);
                HttpProxy proxy = proxyFor(origin.port())) {
            String base = "http://127.0.0.1:" + proxy.port();
            byte[] twice = Curl.run(List.of(base + "/bytes/" + Payload.LARGE, base + "/stream/" + Payload.LARGE));
            assertThat(twice).hasSize(2 * Payload.LARGE);
            assertThat(Arrays.copyOf(twice, Payload.LARGE)).isEqualTo(Payload.bytes(Payload.LARGE));
            assertThat(Arrays.copyOfRange(twice, Payload.LARGE, twice.length)).isEqualTo(Payload.bytes(Payload.LARGE));
            // which curl announces with Expect: 100-continue
            assertThat(Curl.run(List.of("--data-binary", "@" + file, base + "/digest")))
                    .asString()
                    .isEqualTo(Payload.sha256(Payload.LARGE));
        }
    }

    /** An origin whose every word the test says. */
    private static final class Scripted implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0);
        private final HttpProxy proxy;

        Scripted() throws Exception {
            server.setSoTimeout(LIMIT_SECONDS * 1000);
            proxy = proxyFor(server.getLocalPort());
        }

        Socket client(String request) throws IOException {
            Socket client = new Socket("127.0.0.1", proxy.port());
            client.setSoTimeout(LIMIT_SECONDS * 1000);
            write(client, request);
            return client;
        }

        Socket accept() throws IOException {
            Socket accepted = server.accept();
            accepted.setSoTimeout(LIMIT_SECONDS * 1000);
            return accepted;
        }

        @Override
        public void close() throws IOException {
            server.close();
            proxy.close();
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readHead(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** UTF-8's second byte of it, 0x85, ends a line elsewhere. */
    @Test
    void aHeaderWithBytesThatAreNotAscii() throws Exception {
        String name = new String("\u00c5".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try (Scripted script = new Scripted();
                Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\nX-Name: " + name + "\r\n\r\n");
                Socket origin = script.accept()) {
            assertThat(readHead(origin)).contains(name);
            write(origin, "HTTP/1.1 204 No Content\r\nX-Name: " + name + "\r\n\r\n");
            assertThat(readHead(client)).contains(name);
        }
    }

    @Test
    void responsesWithoutBodiesAndPipelinedRequests() throws Exception {
        String get = "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n";
        try (Scripted script = new Scripted();
                Socket client = script.client("HEAD /0 HTTP/1.1\r\nHost: a\r\nConnection: x-mine\r\nX-Mine: 1\r\n\r\n"
                        + String.format(get, 1)
                        + String.format(get, 2)
                        + String.format(get, 3).replace("Host: a", "Host: a\r\nConnection: close"));
                Socket origin = script.accept()) {
            assertThat(readHead(origin)).startsWith("HEAD /0 HTTP/1.1\r\n").doesNotContainIgnoringCase("x-mine");
            write(origin, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            assertThat(readHead(client))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsIgnoringCase("content-length: 1000000");
            assertThat(readHead(origin)).startsWith("GET /1 ");
            write(origin, "HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(readHead(client)).startsWith("HTTP/1.1 204 ");
            assertThat(readHead(origin)).startsWith("GET /2 ");
            write(origin, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
            assertThat(readHead(client)).startsWith("HTTP/1.1 304 ");
            assertThat(readHead(origin)).startsWith("GET /3 ");
            write(origin, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrail: 1\r\n\r\n");
            assertThat(readHead(client)).containsIgnoringCase("connection: close");
            assertThat(readAll(client)).isEqualTo("3;x=y\r\nabc\r\n0\r\nTrail: 1\r\n\r\n");
        }
    }

    @Test
    void aClientThatExpectsToContinueWaitsForTheOrigin() throws Exception {
        try (Scripted script = new Scripted();
                Socket client = script.client(
                        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
                Socket origin = script.accept()) {
            assertThat(readHead(origin)).containsIgnoringCase("expect: 100-continue");
            write(origin, "HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(readHead(client)).startsWith("HTTP/1.1 100 Continue\r\n");
            client.getOutputStream().write(Payload.bytes(300_000));
            assertThat(origin.getInputStream().readNBytes(300_000)).isEqualTo(Payload.bytes(300_000));
            write(origin, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(readHead(client)).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.getInputStream().readNBytes(2)).asString().isEqualTo("ok");
        }
    }

    @Test
    void aResponseThatComesBeforeTheRequestIsCompleteIsTheLast() throws Exception {
        try (Scripted script = new Scripted();
                Socket client = script.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");
                Socket origin = script.accept()) {
            readHead(origin);
            write(origin, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
            assertThat(readAll(client)).startsWith("HTTP/1.1 413 ").endsWith("no");
            assertThat(origin.getInputStream().readAllBytes().length).isLessThan(1000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 3_000_000})
    void aBodyThatEndsWithTheConnection(int size) throws Exception {
        try (Scripted script = new Scripted();
                Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Socket origin = script.accept()) {
            readHead(origin);
            write(origin, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    origin.getOutputStream().write(Payload.bytes(size));
                    origin.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(readHead(client)).containsIgnoringCase("connection: close");
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(Payload.bytes(size));
            sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n7fffff\r\n"})
    void anOriginThatDiesHalfwayTakesTheClientsConnectionAlong(String framing) throws Exception {
        try (Scripted script = new Scripted();
                Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Socket origin = script.accept()) {
            readHead(origin);
            write(origin, "HTTP/1.1 200 OK\r\n" + framing);
            readHead(client);
            origin.getOutputStream().write(new byte[500_000]);
            client.getInputStream().readNBytes(400_000);
            origin.close();
            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aClientThatDiesTakesTheOriginsConnectionAlong() throws Exception {
        try (Scripted script = new Scripted();
                Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Socket origin = script.accept()) {
            readHead(origin);
            write(origin, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            readHead(client);
            client.close();
            assertThatThrownBy(() -> {
                        for (int sent = 0; sent < 1000; sent++) {
                            origin.getOutputStream().write(new byte[1_000_000]);
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        try (Scripted script = new Scripted();
                Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Socket origin = script.accept()) {
            readHead(origin);
            client.close(); // while the origin thinks
            assertThat(origin.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void withoutAnAnswerItIsABadGateway() throws Exception {
        try (Scripted script = new Scripted()) {
            try (Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                    Socket origin = script.accept()) {
                readHead(origin);
                origin.close();
                assertThat(readAll(client)).startsWith("HTTP/1.1 502 ");
            }
            for (String answer : List.of(
                    "NONSENSE\r\n\r\n",
                    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")) {
                try (Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n");
                        Socket origin = script.accept()) {
                    assertThat(readHead(origin)).doesNotContainIgnoringCase("upgrade");
                    write(origin, answer);
                    assertThat(readAll(client)).startsWith("HTTP/1.1 502 ");
                }
            }
            script.server.close();
            try (Socket client = script.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
                assertThat(readAll(client)).startsWith("HTTP/1.1 502 ");
            }
        }
    }

    @Test
    void requestsThatAreNoneAreRefused() throws Exception {
        try (Scripted script = new Scripted()) {
            for (String request : List.of(
                    "NONSENSE\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n")) {
                try (Socket client = script.client(request)) {
                    assertThat(readAll(client)).as(request).startsWith("HTTP/1.1 400 ");
                }
            }
            try (Socket client = script.client("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")) {
                assertThat(readAll(client)).startsWith("HTTP/1.1 501 ");
            }
            try (Socket client = script.client(
                            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n");
                    Socket origin = script.accept()) {
                assertThat(readAll(client)).startsWith("HTTP/1.1 400 ");
                origin.getInputStream().readAllBytes();
            }
        }
    }
}
