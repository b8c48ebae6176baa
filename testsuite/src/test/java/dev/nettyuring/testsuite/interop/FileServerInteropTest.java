// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.example.RunningServer;
import dev.nettyuring.example.files.FileServer;
import dev.nettyuring.testsuite.OpenFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example that serves files and events. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class FileServerInteropTest {
    private static final int LIMIT_MILLIS = 20_000;
    private static final int TICK_MILLIS = 20;
    private static final int SIZE = 3_000_000;
    private static final Instant MODIFIED = Instant.parse("2026-02-03T04:05:06.789Z");
    private static final HttpClient JDK = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    @TempDir
    Path directory;

    private RunningServer server;

    @BeforeEach
    void startServer() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.write(root.resolve("big.bin"), Payload.bytes(SIZE));
        Files.setLastModifiedTime(root.resolve("big.bin"), FileTime.from(MODIFIED));
        Files.writeString(root.resolve("index.html"), "<h1>Index</h1>");
        Files.writeString(root.resolve("a b+c.txt"), "spaced");
        Files.createFile(root.resolve("empty.txt"));
        Files.writeString(Files.createDirectory(root.resolve("sub")).resolve("index.html"), "below");
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(root.resolve("leak.txt"), directory.resolve("secret.txt"));
        server = FileServer.start(0, root, TICK_MILLIS);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofMillis(LIMIT_MILLIS));
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        return JDK.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    @Test
    void wholeFiles() throws Exception {
        HttpResponse<byte[]> big = get("/big.bin");
        assertThat(big.body()).isEqualTo(Payload.bytes(SIZE));
        assertThat(header(big, "content-type")).isEqualTo("application/octet-stream");
        assertThat(header(big, "accept-ranges")).isEqualTo("bytes");
        assertThat(header(big, "last-modified")).isEqualTo("Tue, 03 Feb 2026 04:05:06 GMT");
        assertThat(get("/").body()).asString().isEqualTo("<h1>Index</h1>");
        assertThat(header(get("/"), "content-type")).startsWith("text/html");
        assertThat(get("/sub/").body()).asString().isEqualTo("below");
        assertThat(get("/a%20b+c.txt?query").body()).asString().isEqualTo("spaced");
        assertThat(get("/empty.txt").statusCode()).isEqualTo(200);
        assertThat(get("/empty.txt").body()).isEmpty();
    }

    @Test
    void headsAndOtherMethods() throws Exception {
        HttpResponse<byte[]> head = JDK.send(
                request("/big.bin")
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(header(head, "content-length")).isEqualTo(String.valueOf(SIZE));
        HttpResponse<byte[]> post = JDK.send(
                request("/big.bin")
                        .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(header(post, "allow")).isEqualTo("GET, HEAD");
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=1000-1999, 1000, 2000",
        "bytes=2999999-, 2999999, 3000000",
        "bytes=0-, 0, 3000000",
        "bytes=5-99999999999, 5, 3000000",
        "bytes=-10, 2999990, 3000000",
        "bytes=-99999999999, 0, 3000000",
    })
    void parts(String range, int start, int end) throws Exception {
        HttpResponse<byte[]> part = get("/big.bin", "Range", range);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(header(part, "content-range")).isEqualTo("bytes " + start + "-" + (end - 1) + "/" + SIZE);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(Payload.bytes(SIZE), start, end));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=3000000-", "bytes=-0", "bytes=99999999999-"})
    void partsThatThereAreNot(String range) throws Exception {
        HttpResponse<byte[]> response = get("/big.bin", "Range", range);
        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(header(response, "content-range")).isEqualTo("bytes */" + SIZE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=2-1", "bytes=-", "lines=0-1", "bytes=0-1,5-6", "bytes=99999999999999999999-"})
    void partsThatAreNotUnderstoodAreTheWhole(String range) throws Exception {
        assertThat(get("/big.bin", "Range", range).statusCode()).isEqualTo(200);
    }

    @Test
    void filesThatTheClientHas() throws Exception {
        String tag = header(get("/big.bin"), "etag");
        String date = "Tue, 03 Feb 2026 04:05:06 GMT";
        String before = "Tue, 03 Feb 2026 04:05:05 GMT";
        assertThat(tag).matches("\"[^\"]+\"");
        for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
            HttpResponse<byte[]> response = get("/big.bin", "If-None-Match", known);
            assertThat(response.statusCode()).as(known).isEqualTo(304);
            assertThat(header(response, "etag")).isEqualTo(tag);
        }
        assertThat(get("/big.bin", "If-Modified-Since", date).statusCode()).isEqualTo(304);
        assertThat(get("/big.bin", "If-Modified-Since", before).statusCode()).isEqualTo(200);
        assertThat(get("/big.bin", "If-Modified-Since", "yesterday").statusCode())
                .isEqualTo(200);
        assertThat(get("/big.bin", "If-None-Match", "\"x\"", "If-Modified-Since", date)
                        .statusCode())
                .as("the tag counts")
                .isEqualTo(200);
        for (String same : List.of(tag, date)) {
            assertThat(get("/big.bin", "Range", "bytes=0-9", "If-Range", same).statusCode())
                    .isEqualTo(206);
        }
        for (String other : List.of("\"x\"", "W/" + tag, before)) {
            assertThat(get("/big.bin", "Range", "bytes=0-9", "If-Range", other).statusCode())
                    .isEqualTo(200);
        }
        Files.writeString(directory.resolve("root/big.bin"), "changed");
        assertThat(get("/big.bin", "If-None-Match", tag).body()).asString().isEqualTo("changed");
    }

    @ParameterizedTest
    @CsvSource({
        "/../secret.txt, 403",
        "/%2e%2e/secret.txt, 403",
        "/sub/..%2f..%2fsecret.txt, 403",
        "/../root/index.html, 200",
        "/../root-of-others/x, 403",
        "/../no-such-file, 403",
        "//etc/passwd, 403",
        "/%2fetc/passwd, 403",
        "/leak.txt, 403",
        "/sub, 404",
        "/missing, 404",
        "/index.html/x, 404",
        "/%00, 400",
        "/%zz, 400",
        "index.html, 400",
        "/sub/../index.html, 200",
    })
    void nothingElseThanTheDirectorysFiles(String path, int status) throws Exception {
        String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        String response = exchange(request);
        assertThat(response).startsWith("HTTP/1.1 " + status + " ").doesNotContain("secret", "root:");
    }

    private String exchange(String request) throws IOException {
        try (Socket client = connect(request)) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private Socket connect(String request) throws IOException {
        Socket client = new Socket("127.0.0.1", server.port());
        client.setSoTimeout(LIMIT_MILLIS);
        client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrderAndOpenOneFileAtATime() throws Exception {
        String get = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
        String last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        long before = openBigFiles();
        try (Socket client = connect(get.repeat(20) + last)) {
            Awaitility.await("the first file").until(() -> openBigFiles() > before);
            assertThat(openBigFiles() - before).isLessThanOrEqualTo(1);
            byte[] all = client.getInputStream().readAllBytes();
            assertThat(all.length).isGreaterThan(20 * SIZE);
            assertThat(new String(all, all.length - 14, 14, StandardCharsets.US_ASCII))
                    .isEqualTo("<h1>Index</h1>");
        }
        assertThat(openBigFiles()).isEqualTo(before);
    }

    private static long openBigFiles() throws IOException {
        return OpenFiles.count(target -> target.endsWith("/big.bin"));
    }

    @Test
    void whatIsNotHttpIsRefused() throws Exception {
        assertThat(exchange("NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void eventsTick() throws Exception {
        String request = "GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 41\r\n\r\n";
        try (Socket client = connect(request);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = in.lines().limit(40).toList();
            assertThat(lines).contains("content-type: text/event-stream", "id: 42", "id: 43", "event: tick");
            assertThat(lines).anyMatch(line -> line.matches("data: 20[0-9-]+T.*Z"));
            assertThat(lines.indexOf("id: 42")).isLessThan(lines.indexOf("id: 43"));
        }
        Awaitility.await("the end of the connection").until(() -> OpenFiles.socketsOfPort(server.port()) == 1);
    }

    @Test
    void theJdksClientReadsEvents() throws Exception {
        HttpResponse<Stream<String>> response = JDK.send(request("/events").build(), BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            assertThat(lines.filter(line -> line.startsWith("id: ")).limit(3))
                    .containsExactly("id: 1", "id: 2", "id: 3");
        }
    }
}
