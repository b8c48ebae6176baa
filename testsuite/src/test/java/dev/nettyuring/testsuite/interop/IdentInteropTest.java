// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.example.RunningServer;
import dev.nettyuring.example.ident.ConnectionLookup;
import dev.nettyuring.example.ident.IdentReply;
import dev.nettyuring.example.ident.IdentServer;
import dev.nettyuring.example.ident.ProcLookup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example that speaks RFC 1413. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class IdentInteropTest {
    private static final int LIMIT_MILLIS = 20_000;
    private static final long NEVER_MILLIS = 60_000;
    private static final int HIDDEN_PORT = 2;
    private static final int FAILING_PORT = 3;
    private static final int NOBODYS_PORT = 4;

    @TempDir
    Path directory;

    /** Names the user by the port. */
    private static IdentReply byPort(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        switch (local.getPort()) {
            case HIDDEN_PORT:
                return IdentReply.HIDDEN_USER;
            case FAILING_PORT:
                throw new IOException("no table");
            case NOBODYS_PORT:
                return IdentReply.NO_USER;
            default:
                return IdentReply.user("user" + local.getPort());
        }
    }

    private static RunningServer start(ConnectionLookup lookup) throws Exception {
        return IdentServer.start("127.0.0.1", 0, lookup, NEVER_MILLIS);
    }

    private static Socket connect(RunningServer server) throws IOException {
        Socket client = new Socket("127.0.0.1", server.port());
        client.setSoTimeout(LIMIT_MILLIS);
        return client;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readLine(Socket client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = client.getInputStream().read();
                next != '\n';
                next = client.getInputStream().read()) {
            assertThat(next).as("not the end, after %s", line).isNotNegative();
            line.append((char) next);
        }
        assertThat(line.charAt(line.length() - 1)).isEqualTo('\r');
        return line.substring(0, line.length() - 1);
    }

    private static String ask(RunningServer server, String query) throws IOException {
        try (Socket client = connect(server)) {
            send(client, query);
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "6193,23 | 6193,23:USERID:UNIX:user6193",
                "6193, 23 | 6193,23:USERID:UNIX:user6193",
                "'\t 6193 \t, \t23\t ' | 6193,23:USERID:UNIX:user6193",
                "00023,00001 | 23,1:USERID:UNIX:user23",
                "65535,65535 | 65535,65535:USERID:UNIX:user65535",
                "2,1 | 2,1:ERROR:HIDDEN-USER",
                "3,1 | 3,1:ERROR:UNKNOWN-ERROR",
                "4,1 | 4,1:ERROR:NO-USER",
                "0,23 | 0,23:ERROR:INVALID-PORT",
                "23,0 | 23,0:ERROR:INVALID-PORT",
                "65536,23 | 65536,23:ERROR:INVALID-PORT",
                "99999,99999 | 99999,99999:ERROR:INVALID-PORT",
                "000023,1 | 0,1:ERROR:INVALID-PORT",
                "-1,23 | 0,23:ERROR:INVALID-PORT",
                "1.5,23 | 0,23:ERROR:INVALID-PORT",
                "1 2,23 | 0,23:ERROR:INVALID-PORT",
                "who,23 | 0,23:ERROR:INVALID-PORT",
                "23 | 0,0:ERROR:INVALID-PORT",
                "1,2,3 | 0,0:ERROR:INVALID-PORT",
                "'' | 0,0:ERROR:INVALID-PORT",
            })
    void eachQueryHasItsReply(String query, String reply) throws Exception {
        try (RunningServer server = start(IdentInteropTest::byPort)) {
            assertThat(ask(server, query + "\r\n")).isEqualTo(reply + "\r\n");
        }
    }

    @Test
    void theConnectionAskedAboutIsBetweenTheTwoMachines() throws Exception {
        Set<String> asked = ConcurrentHashMap.newKeySet();
        try (RunningServer server = start((local, remote) -> {
            asked.add(local + " " + remote);
            return IdentReply.NO_USER;
        })) {
            ask(server, "6193,23\r\n");
        }
        assertThat(asked).containsExactly("/127.0.0.1:6193 /127.0.0.1:23");
    }

    @Test
    void queriesInSingleBytes() throws Exception {
        try (RunningServer server = start(IdentInteropTest::byPort);
                Socket client = connect(server)) {
            client.setTcpNoDelay(true);
            for (int port = 5; port < 8; port++) {
                for (char c : (port + " , 23\r\n").toCharArray()) {
                    send(client, String.valueOf(c));
                    Thread.sleep(1); // so that it is a segment of its own
                }
                assertThat(readLine(client)).isEqualTo(port + ",23:USERID:UNIX:user" + port);
            }
        }
    }

    @Test
    void repliesComeInTheOrderOfPipelinedQueriesWhateverTheLookupsTake() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        try (RunningServer server = start((local, remote) -> {
            if (remote.getPort() == 1) {
                awaitUninterruptibly(first);
            }
            return byPort(local, remote);
        })) {
            try (Socket client = connect(server);
                    Socket other = connect(server)) {
                send(client, "5,1\r\n6,2\r\nx,y\r\n7,3\r\n");
                send(other, "8,2\r\n");
                assertThat(readLine(other))
                        .as("nobody waits for another's lookup")
                        .startsWith("8,2:");
                first.countDown();
                assertThat(List.of(readLine(client), readLine(client), readLine(client), readLine(client)))
                        .containsExactly(
                                "5,1:USERID:UNIX:user5",
                                "6,2:USERID:UNIX:user6",
                                "0,0:ERROR:INVALID-PORT",
                                "7,3:USERID:UNIX:user7");
            }
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoDoesNotReadHasToWaitAndGetsAllTheSame() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        int queries = 20_000;
        try (RunningServer server = start((local, remote) -> {
            lookups.incrementAndGet();
            return IdentReply.user("u".repeat(500));
        })) {
            try (Socket client = new Socket()) {
                client.setReceiveBufferSize(2048);
                client.setSoTimeout(LIMIT_MILLIS);
                client.connect(new InetSocketAddress("127.0.0.1", server.port()));
                Thread writer = new Thread(() -> {
                    try {
                        send(client, "6193,23\r\n".repeat(queries));
                        client.shutdownOutput();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                writer.start();
                awaitStandstill(lookups);
                assertThat(lookups.get())
                        .as("lookups for one who does not read")
                        .isLessThan(queries);
                // with so small a buffer the kernel takes some hundred bytes at a time of what was sent by zero copy,
                // and waits
                client.setReceiveBufferSize(1 << 20);
                String reply = "6193,23:USERID:UNIX:" + "u".repeat(500) + "\r\n";
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                for (int i = 0; i < queries; i++) {
                    assertThat(in.readLine()).isEqualTo(reply.trim());
                }
                assertThat(in.read()).isEqualTo(-1);
                writer.join(LIMIT_MILLIS);
            }
        }
        assertThat(lookups.get()).isEqualTo(queries);
    }

    private static void awaitStandstill(AtomicInteger counter) throws InterruptedException {
        int before;
        do {
            before = counter.get();
            Thread.sleep(300);
        } while (counter.get() == 0 || counter.get() != before);
    }

    @Test
    void lineLengths() throws Exception {
        try (RunningServer server = start(IdentInteropTest::byPort)) {
            String longest = "6193,23" + " ".repeat(993); // 1000 without the line's end
            assertThat(ask(server, longest + "\r\n5,1\r\n"))
                    .isEqualTo("6193,23:USERID:UNIX:user6193\r\n5,1:USERID:UNIX:user5\r\n");
            assertThat(ask(server, "5,1\r\n" + longest + " \r\n6,1\r\n"))
                    .as("nothing behind a line that is too long")
                    .isEqualTo("5,1:USERID:UNIX:user5\r\n0,0:ERROR:INVALID-PORT\r\n");
            try (Socket client = connect(server)) {
                send(client, "9".repeat(2000)); // and no end
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("0,0:ERROR:INVALID-PORT\r\n");
            }
        }
    }

    @Test
    void idleConnectionsAreClosed() throws Exception {
        try (RunningServer server = IdentServer.start("127.0.0.1", 0, IdentInteropTest::byPort, 1000);
                Socket client = connect(server)) {
            send(client, "5,1\r\n");
            assertThat(readLine(client)).startsWith("5,1:");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void namesAreCutAndTellTheirCharset() {
        assertThat(IdentReply.user("ä".repeat(300)).text()).isEqualTo("USERID:UNIX,UTF-8:" + "ä".repeat(256));
        assertThat(IdentReply.token("1000").text()).isEqualTo("USERID:OTHER:1000");
    }

    @Test
    void realConnectionsOfThisMachine() throws Exception {
        String user = System.getProperty("user.name");
        ConnectionLookup lookup = new ProcLookup(Path.of("/proc/net"), passwd(user, false));
        try (RunningServer server = start(lookup);
                ServerSocket listener = new ServerSocket(0);
                Socket remote = new Socket("127.0.0.1", listener.getLocalPort());
                Socket local = listener.accept()) {
            String pair = local.getLocalPort() + "," + local.getPort();
            assertThat(ask(server, pair + "\r\n")).isEqualTo(pair + ":USERID:UNIX:" + user + "\r\n");
            String none = local.getPort() + "," + local.getPort();
            assertThat(ask(server, none + "\r\n")).isEqualTo(none + ":ERROR:NO-USER\r\n");
            local.close();
            remote.close();
            assertThat(ask(server, pair + "\r\n"))
                    .as("over, even if it lingers")
                    .isEqualTo(pair + ":ERROR:NO-USER\r\n");
        }
    }

    @Test
    void usersWhoHideAndThoseWithoutNames() throws Exception {
        try (ServerSocket listener = new ServerSocket(0);
                Socket remote = new Socket("127.0.0.1", listener.getLocalPort());
                Socket local = listener.accept()) {
            InetSocketAddress here = (InetSocketAddress) local.getLocalSocketAddress();
            InetSocketAddress there = (InetSocketAddress) local.getRemoteSocketAddress();
            Path tables = Path.of("/proc/net");
            assertThat(new ProcLookup(tables, passwd("hidden", true)).lookUp(here, there))
                    .isEqualTo(IdentReply.HIDDEN_USER);
            Path nobody = Files.createFile(directory.resolve("nobody"));
            assertThat(new ProcLookup(tables, nobody).lookUp(here, there)).isEqualTo(IdentReply.token(userId()));
        }
    }

    private Path passwd(String name, boolean hides) throws IOException {
        Path home = Files.createDirectory(directory.resolve(name));
        if (hides) {
            Files.createFile(home.resolve(".noident"));
        }
        return Files.writeString(
                directory.resolve("passwd"),
                "other:x:4294967294:0::/:/bin/sh\n" + name + ":x:" + userId() + ":0::" + home + ":/bin/sh\n");
    }

    private static String userId() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
    }
}
