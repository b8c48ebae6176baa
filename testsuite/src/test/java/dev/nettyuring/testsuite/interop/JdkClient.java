// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The JDK's HTTP client. There is one for each version of HTTP, since in Java 17 they cannot be closed. */
final class JdkClient {
    static final int LIMIT_SECONDS = 30;

    private static final HttpClient HTTP_1 = newClient(HttpClient.Version.HTTP_1_1);
    private static final HttpClient HTTP_2 = newClient(HttpClient.Version.HTTP_2);

    private final InteropServer server;
    private final HttpClient client;

    JdkClient(InteropServer server) {
        this.server = server;
        client = server.application() == Application.HTTP_2 ? HTTP_2 : HTTP_1;
    }

    private static HttpClient newClient(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(Security.jdkContext())
                .connectTimeout(Duration.ofSeconds(LIMIT_SECONDS))
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
    }

    /** The client itself, which makes web sockets too. */
    HttpClient http() {
        return client;
    }

    HttpResponse<byte[]> get(String path) throws Exception {
        return await(getAsync(path));
    }

    CompletableFuture<HttpResponse<byte[]>> getAsync(String path) {
        return client.sendAsync(request(server.uri(path)).build(), BodyHandlers.ofByteArray());
    }

    /** Posts a body whose length is told first. */
    HttpResponse<byte[]> post(String path, byte[] body) throws Exception {
        return await(postAsync(path, BodyPublishers.ofByteArray(body)));
    }

    /** Posts a body whose length is not told: in chunks, with HTTP/1.1. */
    HttpResponse<byte[]> postChunked(String path, byte[] body) throws Exception {
        return await(postAsync(path, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
    }

    CompletableFuture<HttpResponse<byte[]>> postAsync(String path, BodyPublisher body) {
        return client.sendAsync(request(server.uri(path)).POST(body).build(), BodyHandlers.ofByteArray());
    }

    private static HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(LIMIT_SECONDS));
    }

    static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
