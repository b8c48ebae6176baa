// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.example.RunningServer;
import dev.nettyuring.example.chat.ChatServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The example chat, spoken with the JDK's web sockets. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ChatInteropTest {
    private static final int LIMIT_SECONDS = 20;
    private static final HttpClient JDK =
            HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

    private RunningServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = ChatServer.start(0);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Member join(String query) throws Exception {
        Member member = new Member();
        URI uri = URI.create("ws://127.0.0.1:" + server.port() + "/chat" + query);
        member.socket = JDK.newWebSocketBuilder().buildAsync(uri, member).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        return member;
    }

    @Test
    void everybodyHearsWhatAnybodySays() throws Exception {
        Member ann = join("?name=Ann");
        assertThat(ann.next()).isEqualTo("Ann is here");
        Member zoe = join("?name=Zo%C3%AB");
        for (Member member : List.of(ann, zoe)) {
            assertThat(member.next()).isEqualTo("Zoë is here");
        }
        zoe.say("Grüße");
        ann.say("Hello");
        for (Member member : List.of(ann, zoe)) {
            assertThat(List.of(member.next(), member.next())).containsExactlyInAnyOrder("Zoë: Grüße", "Ann: Hello");
        }
        zoe.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(ann.next()).isEqualTo("Zoë has left");
        ann.socket.abort();
    }

    @Test
    void messagesInFragmentsAreWhole() throws Exception {
        Member member = join("");
        assertThat(member.next()).isEqualTo("Somebody is here");
        member.socket.sendText("one ", false).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        member.say("message");
        assertThat(member.next()).isEqualTo("Somebody: one message");
        member.socket.abort();
    }

    @Test
    void whatIsNoMessageClosesTheConnection() throws Exception {
        Member binary = join("");
        binary.socket.sendBinary(ByteBuffer.allocate(1), true);
        binary.awaitEvent("closed 1003");
        Member big = join("");
        big.socket.sendText("x".repeat(5000), true);
        big.awaitEvent("closed 1009");
        Member parts = join("");
        parts.socket.sendText("x".repeat(4000), false).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        parts.socket.sendText("x".repeat(4000), true);
        parts.awaitEvent("closed 1009");
    }

    @Test
    void theServerSaysGoodbye() throws Exception {
        Member member = join("");
        member.next();
        server.close();
        assertThat(member.next()).isEqualTo("closed 1001");
    }

    @Test
    void thereIsAPageAndNothingElse() throws Exception {
        String base = "http://127.0.0.1:" + server.port();
        assertThat(curl(base + "/?name=Ann"))
                .contains("new WebSocket(")
                .endsWith("</html>\n200 text/html; charset=utf-8");
        assertThat(curl(base + "/else")).startsWith("404 ");
        assertThat(curl(base + "/", "--data", "x")).startsWith("400 ");
    }

    private static String curl(String url, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-w", "%{http_code} %{content_type}", url));
        return new String(Curl.run(arguments), StandardCharsets.UTF_8);
    }

    /** Somebody who connects, and what reaches him. */
    private static final class Member implements WebSocket.Listener {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private WebSocket socket;

        String next() throws InterruptedException {
            String event = heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(event).as("something within %d s", LIMIT_SECONDS).isNotNull();
            return event;
        }

        void awaitEvent(String event) throws InterruptedException {
            while (!next().equals(event)) {
                // that others come and go
            }
        }

        void say(String text) throws Exception {
            socket.sendText(text, true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            heard.add("closed " + status);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add("error " + error);
        }
    }
}
