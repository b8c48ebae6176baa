// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.OpenFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go away in the middle leave nothing: no operation in flight, no memory in use, no file descriptor. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ClientAbortInteropTest {
    private static final long FILE_BYTES = 1L << 30;
    private static final int READ_BYTES = 300_000;
    private static final int CLIENTS = 10;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Duration LIMIT = Duration.ofSeconds(15);

    /** A zero-copy send is in flight until the client has taken what was sent, or is gone. */
    private static final boolean SENDS_OUTLIVE_THE_CHANNEL =
            ZeroCopy.ALWAYS.name().equals(System.getProperty("dev.nettyuring.zeroCopy"));

    @TempDir
    static Path directory;

    private static Path file;

    /** More than any socket buffers, and sparse. */
    @BeforeAll
    static void createFile() throws IOException {
        file = directory.resolve("download");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(FILE_BYTES);
        }
    }

    private static String query(String path) {
        return path + "?file=" + file + "&from=0&count=" + FILE_BYTES;
    }

    /** What an idle server has. */
    private static final class Idle {
        private final InteropServer server;
        private final int operations;

        Idle(InteropServer server) {
            this.server = server;
            Awaitility.await("the server to accept").until(() -> server.loops().operationsInFlight() > 0);
            operations = server.loops().operationsInFlight();
        }

        void awaitNothingOpen() {
            Awaitility.await("nothing to be open").atMost(LIMIT).untilAsserted(() -> {
                assertThat(OpenFiles.socketsOfPort(server.port())).as("sockets").isEqualTo(1);
                assertThat(OpenFiles.count(file.toString()::equals))
                        .as("open downloads")
                        .isZero();
            });
        }

        void awaitReturn() {
            awaitNothingOpen();
            Awaitility.await("nothing to be left of the clients").atMost(LIMIT).untilAsserted(() -> {
                assertThat(server.loops().operationsInFlight())
                        .as("operations in flight")
                        .isEqualTo(operations);
                assertThat(server.loops().receiveBuffers(BufferState.PIPELINE))
                        .as("buffers in use")
                        .isZero();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/region", "/file"})
    void resetInMidDownloadLeavesNothing(String path) throws Exception {
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Idle idle = new Idle(server);
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = downloadSome(server, query(path));
                client.setSoLinger(true, 0);
                client.close();
            }
            assertThat(server.connections()).isEqualTo(CLIENTS);
            idle.awaitReturn();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/region", "/file"})
    void closeInMidDownloadLeavesNothing(String path) throws Exception {
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Idle idle = new Idle(server);
            for (int i = 0; i < CLIENTS; i++) {
                downloadSome(server, query(path)).close();
            }
            assertThat(server.connections()).isEqualTo(CLIENTS);
            idle.awaitReturn();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/region", "/file"})
    void endOfTheClientsOutputInMidDownloadLeavesNothing(String path) throws Exception {
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Idle idle = new Idle(server);
            try (Socket client = downloadSome(server, query(path))) {
                client.shutdownOutput(); // without ALLOW_HALF_CLOSURE the server's end of the connection goes as well
                idle.awaitNothingOpen();
                if (!SENDS_OUTLIVE_THE_CHANNEL) {
                    idle.awaitReturn();
                }
            }
            idle.awaitReturn();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void killedCurlLeavesNothing(Security security) throws Exception {
        Path output = directory.resolve("output");
        try (InteropServer server = InteropServer.start(security, Application.HTTP_1)) {
            Idle idle = new Idle(server);
            for (int i = 0; i < CLIENTS; i++) {
                Process curl = Curl.start(
                        List.of(
                                "--limit-rate",
                                "10M",
                                server.uri(query("/file")).toString()),
                        output,
                        directory.resolve("errors"));
                try {
                    Awaitility.await("the download to be under way").until(() -> Files.size(output) > READ_BYTES);
                } finally {
                    curl.destroyForcibly().waitFor();
                }
            }
            assertThat(server.connections()).isEqualTo(CLIENTS);
            idle.awaitReturn();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/region", "/file"})
    void serverThatShutsDownInMidDownloadLeavesNothing(String path) throws Exception {
        InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1);
        try (Socket client = downloadSome(server, query(path))) {
            server.loops().end();
            if (!SENDS_OUTLIVE_THE_CHANNEL) {
                assertThat(server.loops().operationsInFlight())
                        .as("operations in flight")
                        .isZero();
            }
        } finally {
            server.close(); // checks
        }
        Awaitility.await("the file to be closed").until(() -> OpenFiles.count(file.toString()::equals) == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/digest", "/throttled-echo"})
    void resetInMidUploadLeavesNothing(String path) throws Exception {
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + FILE_BYTES + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Idle idle = new Idle(server);
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket("127.0.0.1", server.port());
                client.getOutputStream().write(head);
                client.getOutputStream().write(Payload.bytes(READ_BYTES));
                client.setSoLinger(true, 0);
                client.close();
            }
            Awaitility.await("all to be accepted").until(() -> server.connections() == CLIENTS);
            idle.awaitReturn();
        }
    }

    /** Asks for more than it reads, so that the server is left in the middle of writing. */
    private static Socket downloadSome(InteropServer server, String query) throws IOException {
        Socket client = new Socket("127.0.0.1", server.port());
        client.setSoTimeout(TIMEOUT_MILLIS);
        client.getOutputStream()
                .write(("GET " + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = client.getInputStream();
        assertThat(in.readNBytes(READ_BYTES)).hasSize(READ_BYTES);
        return client;
    }
}
