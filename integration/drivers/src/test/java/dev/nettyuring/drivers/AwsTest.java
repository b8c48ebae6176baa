// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.http.async.SdkHttpContentPublisher;

/** The HTTP client of the AWS SDK's asynchronous clients, with the JDK's server. */
class AwsTest {
    private static final int REQUESTS = 200;

    private final Recorded loops = new Recorded();
    private final SdkAsyncHttpClient client = UringSdkLoops.client(loops);
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
        server.createContext("/echo", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/half", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        server.stop(0);
        workers.shutdownNow();
        loops.shutdownGracefully(0, Limits.SECONDS, TimeUnit.SECONDS).get(Limits.SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void requestsAreAnswered() throws Exception {
        List<CompletableFuture<byte[]>> answers = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            answers.add(put("/echo", ("object " + i).getBytes()));
            if (answers.size() % 20 == 0) { // of the 50 connections that the client has at most
                answers.get(i).get(Limits.SECONDS, TimeUnit.SECONDS);
            }
        }
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(answers.get(i).get(Limits.SECONDS, TimeUnit.SECONDS))
                    .asString()
                    .isEqualTo("object " + i);
        }
        assertThat(loops.channels).isNotEmpty().containsOnly(UringSocketChannel.class);
    }

    @Test
    void largeObjectsComeBack() throws Exception {
        byte[] object = Limits.large();
        assertThat(put("/echo", object).get(Limits.SECONDS, TimeUnit.SECONDS)).isEqualTo(object);
    }

    @Test
    void anAnswerCutShortIsAnError() {
        assertThatThrownBy(() -> put("/half", new byte[1]).get(Limits.SECONDS, TimeUnit.SECONDS))
                .rootCause()
                .isInstanceOf(IOException.class);
    }

    private CompletableFuture<byte[]> put(String path, byte[] body) {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        client.execute(AsyncExecuteRequest.builder()
                .request(SdkHttpFullRequest.builder()
                        .method(SdkHttpMethod.PUT)
                        .uri(uri)
                        .putHeader("Host", uri.getAuthority())
                        .putHeader("Content-Length", Integer.toString(body.length))
                        .build())
                .requestContentPublisher(new Body(body))
                .responseHandler(new Whole(answer))
                .build());
        return answer;
    }

    /** Says what channels it was given. */
    private static final class Recorded extends UringSdkLoops {
        final Queue<Class<?>> channels = new ConcurrentLinkedQueue<>();

        Recorded() {
            super(2);
        }

        @Override
        public ChannelFuture register(Channel channel) {
            channels.add(channel.getClass());
            return super.register(channel);
        }
    }

    private record Body(byte[] bytes) implements SdkHttpContentPublisher {
        @Override
        public Optional<Long> contentLength() {
            return Optional.of((long) bytes.length);
        }

        @Override
        public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
            Mono.just(ByteBuffer.wrap(bytes)).subscribe(subscriber);
        }
    }

    private record Whole(CompletableFuture<byte[]> answer) implements SdkAsyncHttpResponseHandler {
        @Override
        public void onHeaders(SdkHttpResponse headers) {
            if (headers.statusCode() != 200) {
                answer.completeExceptionally(new IllegalStateException("status " + headers.statusCode()));
            }
        }

        @Override
        public void onStream(Publisher<ByteBuffer> stream) {
            Flux.from(stream)
                    .reduce(new ByteArrayOutputStream(), (whole, piece) -> {
                        byte[] bytes = new byte[piece.remaining()];
                        piece.get(bytes);
                        whole.writeBytes(bytes);
                        return whole;
                    })
                    .subscribe(whole -> answer.complete(whole.toByteArray()), answer::completeExceptionally);
        }

        @Override
        public void onError(Throwable error) {
            answer.completeExceptionally(error);
        }
    }
}
