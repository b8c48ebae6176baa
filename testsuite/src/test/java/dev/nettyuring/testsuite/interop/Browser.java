// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Chromium without a screen, driven by its DevTools protocol: pages are opened, and scripts run in them. */
final class Browser implements WebSocket.Listener, AutoCloseable {
    private static final String PROGRAM = "chromium";
    private static final int LIMIT_SECONDS = 40;
    private static final Pattern ID = Pattern.compile("^\\{\"id\":([0-9]+)");

    private final Process process;
    private final WebSocket devTools;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<String>> replies = new ConcurrentHashMap<>();
    private final StringBuilder text = new StringBuilder();

    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, PROGRAM)));
    }

    /**
     * Starts it.
     *
     * @param directory an empty one, for all that it writes
     */
    Browser(Path directory) throws Exception {
        process = start(directory);
        try {
            Path portFile = directory.resolve("DevToolsActivePort");
            Awaitility.await("Chromium")
                    .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                    .until(() -> {
                        assertThat(process.isAlive()).as("Chromium runs").isTrue();
                        return Files.exists(portFile)
                                && Files.readAllLines(portFile).size() == 2;
                    });
            List<String> portAndPath = Files.readAllLines(portFile);
            devTools = HttpClient.newBuilder()
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + portAndPath.get(0) + portAndPath.get(1)), this)
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception | AssertionError e) {
            end();
            throw e;
        }
    }

    private static Process start(Path directory) throws IOException {
        return new ProcessBuilder(
                        PROGRAM,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-proxy-server",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + directory,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    /** Opens a page, in a tab of its own. */
    Page open(String url) throws Exception {
        String target = field(call("", "Target.createTarget", "{\"url\":\"" + url + "\"}"), "targetId");
        String attach = "{\"targetId\":\"" + target + "\",\"flatten\":true}";
        return new Page(field(call("", "Target.attachToTarget", attach), "sessionId"));
    }

    /** Calls a method of the protocol and waits for its reply. */
    private String call(String session, String method, String parameters) throws Exception {
        int id = lastId.incrementAndGet();
        CompletableFuture<String> reply = new CompletableFuture<>();
        replies.put(id, reply);
        String to = session.isEmpty() ? "" : ",\"sessionId\":\"" + session + '"';
        devTools.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + parameters + to + "}", true);
        return reply.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static String field(String json, String name) {
        Matcher field = Pattern.compile('"' + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(field.find()).as("%s in %s", name, json).isTrue();
        return field.group(1).replace("\\u003C", "<"); // which is how Chromium writes it
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            Matcher id = ID.matcher(text);
            if (id.find()) { // else it is an event
                replies.remove(Integer.valueOf(id.group(1))).complete(text.toString());
            }
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public void close() throws Exception {
        devTools.abort();
        end();
    }

    /** With all of its processes, which write to the directory to the last. */
    private void end() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        children.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await("the end of Chromium").until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** A tab. */
    final class Page {
        private final String session;

        private Page(String session) {
            this.session = session;
        }

        /** The value of an expression of JavaScript, which has to be a string without any. */
        String evaluate(String expression) throws Exception {
            String parameters = "{\"expression\":\"" + expression.replace("\"", "\\\"") + "\"}";
            return field(call(session, "Runtime.evaluate", parameters), "value");
        }

        /** Waits until an expression has a value. */
        void await(String expression, String value) {
            Awaitility.await(expression + " to be " + value)
                    .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                    .ignoreException(AssertionError.class)
                    .until(() -> evaluate(expression), value::equals);
        }
    }
}
