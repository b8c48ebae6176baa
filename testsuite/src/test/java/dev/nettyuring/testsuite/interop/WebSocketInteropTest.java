// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSocket, spoken with the JDK's. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class WebSocketInteropTest {
    private static final int BINARY_BYTES = 1 << 20;
    private static final int TRY_AGAIN_LATER = 1013;

    private static InteropServer start(Security security) throws Exception {
        return InteropServer.start(security, Application.WEB_SOCKET);
    }

    private static WebSocket connect(InteropServer server, Listener listener) throws Exception {
        URI uri = server.uri("/ws");
        return JdkClient.await(new JdkClient(server)
                .http()
                .newWebSocketBuilder()
                .buildAsync(URI.create(uri.toString().replaceFirst("http", "ws")), listener));
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void textComesBack(Security security) throws Exception {
        Listener listener = new Listener();
        try (InteropServer server = start(security)) {
            WebSocket socket = connect(server, listener);
            for (int i = 0; i < 100; i++) {
                JdkClient.await(socket.sendText("Grüße " + i, true));
                assertThat(listener.next()).isEqualTo("text Grüße " + i);
            }
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void aLargeBinaryMessageInFragmentsComesBackWhole(Security security) throws Exception {
        byte[] message = Payload.bytes(BINARY_BYTES);
        Listener listener = new Listener();
        try (InteropServer server = start(security)) {
            WebSocket socket = connect(server, listener);
            int fragment = BINARY_BYTES / 16;
            for (int from = 0; from < BINARY_BYTES; from += fragment) {
                ByteBuffer part = ByteBuffer.wrap(Arrays.copyOfRange(message, from, from + fragment));
                JdkClient.await(socket.sendBinary(part, from + fragment == BINARY_BYTES));
            }
            assertThat(listener.next()).isEqualTo("binary " + Payload.sha256(message));
            JdkClient.await(socket.sendBinary(ByteBuffer.wrap(message), true));
            assertThat(listener.next()).as("the same in one frame").isEqualTo("binary " + Payload.sha256(message));
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void pingsAreAnsweredInBothDirections(Security security) throws Exception {
        Listener listener = new Listener();
        try (InteropServer server = start(security)) {
            WebSocket socket = connect(server, listener);
            JdkClient.await(socket.sendPing(ByteBuffer.wrap("hello?".getBytes(StandardCharsets.UTF_8))));
            assertThat(listener.next()).isEqualTo("pong hello?");
            JdkClient.await(socket.sendText(WebSocketService.PING_ME, true));
            assertThat(listener.next()).isEqualTo("text pong " + WebSocketService.PING_CONTENT);
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void aCloseByTheClientIsAnswered(Security security) throws Exception {
        Listener listener = new Listener();
        try (InteropServer server = start(security)) {
            WebSocket socket = connect(server, listener);
            JdkClient.await(socket.sendClose(WebSocket.NORMAL_CLOSURE, "done"));
            assertThat(listener.next()).isEqualTo("close " + WebSocket.NORMAL_CLOSURE);
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void aCloseByTheServerReachesTheClient(Security security) throws Exception {
        Listener listener = new Listener();
        try (InteropServer server = start(security)) {
            WebSocket socket = connect(server, listener);
            JdkClient.await(socket.sendText(WebSocketService.CLOSE_ME, true));
            assertThat(listener.next()).isEqualTo("close " + TRY_AGAIN_LATER);
        }
    }

    /** Puts whole messages, and everything else there is, into a queue. */
    private static final class Listener implements WebSocket.Listener {
        private static final int LIMIT_SECONDS = 20;

        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        /** What came next. */
        String next() throws InterruptedException {
            String event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(event).as("something within %d s", LIMIT_SECONDS).isNotNull();
            return event;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + text);
                text.setLength(0);
            }
            return more(socket);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                events.add("binary " + Payload.sha256(binary.toByteArray()));
                binary.reset();
            }
            return more(socket);
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            events.add("pong " + StandardCharsets.UTF_8.decode(data));
            return more(socket);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            events.add("close " + status);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + error);
        }

        private static CompletionStage<?> more(WebSocket socket) {
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }
}
