// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/2: negotiated by ALPN over TLS, and without TLS known in advance or upgraded to. */
@Timeout(120)
@ExtendWith(LeakCheck.class)
class Http2InteropTest {
    private static final String HTTP_VERSION = "\n%{http_version}";

    @TempDir
    Path directory;

    private static InteropServer start(Security security) throws Exception {
        return InteropServer.start(security, Application.HTTP_2);
    }

    /** How curl is told to speak HTTP/2 from its first byte on. */
    private static String http2(Security security) {
        return security.isTls() ? "--http2" : "--http2-prior-knowledge";
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void curlDownloadsEveryByte(Security security, int size) throws Exception {
        Path output = directory.resolve("output");
        try (InteropServer server = start(security)) {
            for (String path : List.of("/bytes/", "/stream/")) {
                assertThat(Curl.fetchText(
                                server, path + size, http2(security), "-o", output.toString(), "-w", HTTP_VERSION))
                        .isEqualTo("\n2");
                assertThat(Payload.sha256(output)).isEqualTo(Payload.sha256(size));
            }
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void curlUploadsEveryByteAndGetsItBack(Security security, int size) throws Exception {
        String body = "@" + Files.write(directory.resolve("body"), Payload.bytes(size));
        try (InteropServer server = start(security)) {
            assertThat(Curl.fetchText(server, "/digest", http2(security), "--data-binary", body, "-w", HTTP_VERSION))
                    .isEqualTo(Payload.sha256(size) + "\n2");
            assertThat(Payload.sha256(Curl.fetch(server, "/throttled-echo", http2(security), "--data-binary", body)))
                    .isEqualTo(Payload.sha256(size));
        }
    }

    @ParameterizedTest
    @ArgumentsSource(EverySecurityAndSize.class)
    void jdkClientDownloadsAndUploadsEveryByte(Security security, int size) throws Exception {
        byte[] body = Payload.bytes(size);
        try (InteropServer server = start(security)) {
            JdkClient client = connected(server);
            HttpResponse<byte[]> download = client.get("/bytes/" + size);
            assertThat(download.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(Payload.sha256(download.body())).isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(client.get("/stream/" + size).body())).isEqualTo(Payload.sha256(size));
            assertThat(client.post("/digest", body).body()).asString().isEqualTo(Payload.sha256(size));
            assertThat(client.postChunked("/digest", body).body()).asString().isEqualTo(Payload.sha256(size));
            assertThat(Payload.sha256(
                            client.postChunked("/throttled-echo", body).body()))
                    .isEqualTo(Payload.sha256(size));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void hundredsOfStreamsShareOneConnection(Security security) throws Exception {
        int count = 400;
        try (InteropServer server = start(security)) {
            JdkClient client = connected(server);
            List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                responses.add(
                        client.postAsync("/throttled-echo", BodyPublishers.ofByteArray(Payload.bytes(20_000 + i))));
            }
            Set<String> connections = new HashSet<>();
            for (int i = 1; i <= count; i++) {
                HttpResponse<byte[]> response = JdkClient.await(responses.get(i - 1));
                assertThat(response.body()).as("stream %d", i).isEqualTo(Payload.bytes(20_000 + i));
                connections.addAll(response.headers().allValues(HttpService.CONNECTION_ID));
            }
            assertThat(connections).hasSize(1);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Over TLS only: with prior knowledge curl 7.88 itself fails to multiplex, whatever the server. */
    @ParameterizedTest
    @EnumSource(names = {"JDK_TLS", "OPENSSL_TLS"})
    void curlMultiplexesItsTransfers(Security security) throws Exception {
        int count = 50;
        try (InteropServer server = start(security)) {
            List<String> arguments = new ArrayList<>(List.of(
                    "--parallel", "--parallel-max", String.valueOf(count), "--http2", "-w", "%{http_version}\n"));
            for (int i = 1; i <= count; i++) {
                arguments.add(server.uri("/stream/" + (Payload.MEDIUM + i)).toString());
                arguments.add("--output");
                arguments.add(directory.resolve("output" + i).toString());
            }
            String versions = new String(Curl.run(arguments), StandardCharsets.US_ASCII);
            assertThat(versions.split("\n")).hasSize(count).containsOnly("2");
            for (int i = 1; i <= count; i++) {
                assertThat(Payload.sha256(directory.resolve("output" + i)))
                        .isEqualTo(Payload.sha256(Payload.MEDIUM + i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void aResetStreamLeavesTheOthersAlone(Security security) throws Exception {
        try (InteropServer server = start(security)) {
            JdkClient client = connected(server);
            List<CompletableFuture<HttpResponse<byte[]>>> kept = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                HttpResponse<InputStream> abandoned = client.http()
                        .send(
                                HttpRequest.newBuilder(server.uri("/stream/" + Payload.LARGE))
                                        .build(),
                                BodyHandlers.ofInputStream());
                kept.add(client.getAsync("/stream/" + Payload.MEDIUM));
                abandoned.body().close(); // sends RST_STREAM
            }
            for (CompletableFuture<HttpResponse<byte[]>> response : kept) {
                assertThat(Payload.sha256(JdkClient.await(response).body())).isEqualTo(Payload.sha256(Payload.MEDIUM));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK_TLS", "OPENSSL_TLS"})
    void alpnSettlesOnHttp1IfTheClientWantsIt(Security security) throws Exception {
        try (InteropServer server = start(security)) {
            assertThat(Curl.fetchText(server, "/nothing-here", "--http1.1", "-w", HTTP_VERSION + " %{http_code}"))
                    .isEqualTo("/nothing-here\n1.1 404");
        }
    }

    /** With a body that fits curl's 32 KB, beyond which it refuses what comes together with the answer to its upgrade. */
    @Test
    void curlUpgradesFromHttp1() throws Exception {
        int size = 20_000;
        Path output = directory.resolve("output");
        try (InteropServer server = start(Security.PLAIN)) {
            assertThat(Curl.fetchText(server, "/bytes/" + size, "--http2", "-o", output.toString(), "-w", HTTP_VERSION))
                    .isEqualTo("\n2");
            assertThat(Payload.sha256(output)).isEqualTo(Payload.sha256(size));
        }
    }

    /** A client that has its connection: it would otherwise open one for each of its first requests. */
    private static JdkClient connected(InteropServer server) throws Exception {
        JdkClient client = new JdkClient(server);
        HttpResponse<byte[]> response = client.get("/bytes/1");
        if (response.version() != HttpClient.Version.HTTP_2) {
            throw new IOException("the JDK's client got " + response.version());
        }
        return client;
    }
}
