// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.FullHttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/1.1, with TLS and without. */
@Timeout(120)
@ExtendWith(LeakCheck.class)
class Http1InteropTest {
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    @TempDir
    Path directory;

    private static InteropServer start(Security security) throws Exception {
        return InteropServer.start(security, Application.HTTP_1);
    }

    private Path file(byte[] content) throws Exception {
        return Files.write(directory.resolve("body"), content);
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void curlDownloadsEveryByte(Security security, int size) throws Exception {
        try (InteropServer server = start(security)) {
            assertThat(Payload.sha256(Curl.fetch(server, "/bytes/" + size))).isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(Curl.fetch(server, "/stream/" + size))).isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void curlUploadsEveryByte(Security security, int size) throws Exception {
        String body = "@" + file(Payload.bytes(size));
        try (InteropServer server = start(security)) {
            assertThat(Curl.fetchText(server, "/digest", "--data-binary", body)).isEqualTo(Payload.sha256(size));
            assertThat(Curl.fetchText(server, "/digest", "-H", CHUNKED, "--data-binary", body))
                    .isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void curlGetsBackWhatItSends(Security security, int size) throws Exception {
        String body = "@" + file(Payload.bytes(size));
        try (InteropServer server = start(security)) {
            assertThat(Payload.sha256(Curl.fetch(server, "/throttled-echo", "--data-binary", body)))
                    .isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(Curl.fetch(server, "/throttled-echo", "-H", CHUNKED, "--data-binary", body)))
                    .isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void jdkClientDownloadsAndUploadsEveryByte(Security security, int size) throws Exception {
        byte[] body = Payload.bytes(size);
        try (InteropServer server = start(security)) {
            JdkClient client = new JdkClient(server);
            assertThat(Payload.sha256(client.get("/bytes/" + size).body())).isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(client.get("/stream/" + size).body())).isEqualTo(Payload.sha256(size));
            assertThat(client.post("/digest", body).body()).asString().isEqualTo(Payload.sha256(size));
            assertThat(client.postChunked("/digest", body).body()).asString().isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(client.postChunked("/echo", body).body())).isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void uringClientGetsBackWhatItSends(Security security, int size) throws Exception {
        try (InteropServer server = start(security);
                UringHttpClient client = UringHttpClient.connect(server)) {
            client.send(UringHttpClient.post("/throttled-echo", Payload.bytes(size)));
            assertThat(Payload.sha256(client.next().body())).isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void thousandRequestsOneAfterAnotherShareOneConnection(Security security) throws Exception {
        try (InteropServer server = start(security)) {
            JdkClient client = new JdkClient(server);
            for (int i = 1; i <= 1000; i++) {
                assertThat(client.get("/bytes/" + i).body()).isEqualTo(Payload.bytes(i));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void thousandRequestsFromAUringClientShareOneConnection(Security security) throws Exception {
        try (InteropServer server = start(security);
                UringHttpClient client = UringHttpClient.connect(server)) {
            for (int i = 1; i <= 1000; i++) {
                client.send(UringHttpClient.get("/bytes/" + i));
                assertThat(client.next().body()).isEqualTo(Payload.bytes(i));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void pipelinedRequestsAreAnsweredInTheirOrder(Security security) throws Exception {
        int count = 500;
        int batch = 100; // HttpServerCodec refuses more than 128 that wait for their responses
        try (InteropServer server = start(security);
                UringHttpClient client = UringHttpClient.connect(server)) {
            for (int first = 1; first <= count; first += batch) {
                client.send(IntStream.range(first, first + batch)
                        .mapToObj(Http1InteropTest::pipelined)
                        .toList());
                for (int i = first; i < first + batch; i++) {
                    assertThat(client.next().body()).as("response %d", i).isEqualTo(answerToPipelined(i));
                }
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Every third with a body, so that requests end anywhere in what is received. */
    private static FullHttpRequest pipelined(int i) {
        return i % 3 == 0
                ? UringHttpClient.post("/digest", Payload.bytes(i * 7))
                : UringHttpClient.get((i % 3 == 1 ? "/bytes/" : "/stream/") + i * 7);
    }

    private static byte[] answerToPipelined(int i) {
        byte[] body = Payload.bytes(i * 7);
        return i % 3 == 0 ? Payload.sha256(body).getBytes(StandardCharsets.US_ASCII) : body;
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void connectionCloseIsHonouredAfterTheWholeResponse(Security security) throws Exception {
        FullHttpRequest last = UringHttpClient.get("/bytes/" + Payload.LARGE);
        last.headers().set("connection", "close");
        try (InteropServer server = start(security);
                UringHttpClient client = UringHttpClient.connect(server)) {
            client.send(UringHttpClient.get("/bytes/1"));
            assertThat(client.next().connectionHeader()).isEmpty();
            client.send(last);
            UringHttpClient.Response response = client.next();
            assertThat(response.connectionHeader()).isEqualTo("close");
            assertThat(Payload.sha256(response.body())).isEqualTo(Payload.sha256(Payload.LARGE));
            assertThat(client.awaitEnd()).as("the server closes the connection").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void curlSeesTheEndOfAResponseThatOnlyCloseEnds(Security security) throws Exception {
        try (InteropServer server = start(security)) {
            byte[] body = Curl.fetch(server, "/stream/" + Payload.LARGE, "--http1.0");
            assertThat(Payload.sha256(body)).isEqualTo(Payload.sha256(Payload.LARGE));
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void curlReusesItsConnection(Security security) throws Exception {
        try (InteropServer server = start(security)) {
            List<String> arguments = new ArrayList<>(List.of("--write-out", "%{http_code} %{num_connects}\n"));
            for (int i = 0; i < 20; i++) {
                arguments.addAll(List.of(
                        "--output", "/dev/null", server.uri("/bytes/100000").toString()));
            }
            String[] lines = new String(Curl.run(arguments), StandardCharsets.US_ASCII).split("\n");
            assertThat(lines).hasSize(20).startsWith("200 1");
            assertThat(Stream.of(lines).skip(1)).containsOnly("200 0");
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void concurrentConnectionsDoNotMixTheirBytes(Security security) throws Exception {
        int count = 200;
        try (InteropServer server = start(security)) {
            JdkClient client = new JdkClient(server);
            List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                responses.add(client.getAsync("/stream/" + (Payload.MEDIUM + i)));
            }
            for (int i = 1; i <= count; i++) {
                assertThat(Payload.sha256(JdkClient.await(responses.get(i - 1)).body()))
                        .isEqualTo(Payload.sha256(Payload.MEDIUM + i));
            }
            assertThat(server.connections()).isGreaterThan(1);
        }
    }
}
