// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server of its own for a test class, on a free port of the loopback interface and a Unix domain socket, with a temporary
 * folder. Root starts it as {@value #USER}, since PostgreSQL runs as no root.
 */
abstract class LocalServer implements AutoCloseable {
    private static final String USER = "nobody";
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final int LIMIT_SECONDS = 60;
    private static final int ATTEMPTS = 5;

    private final Path folder;
    private final Thread atExit = new Thread(this::kill);
    private Process process;
    private int port;

    LocalServer() throws IOException {
        folder = Files.createTempDirectory("uring");
        if (ROOT) {
            UserPrincipal user =
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
            Files.setOwner(folder, user);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The command that serves until it is ended. */
    abstract List<String> command(int port);

    /** The Unix domain socket that it listens at. */
    abstract Path file(int port);

    final Path folder() {
        return folder;
    }

    final int port() {
        return port;
    }

    final Path file() {
        return file(port);
    }

    /** Starts it, unless it runs; again on the port that it had. */
    final void start() throws Exception {
        if (process != null && process.isAlive()) {
            return;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (port == 0) {
                port = freePort();
            }
            process = launch(command(port));
            if (answers()) {
                return;
            }
            port = 0; // which another took in the meantime
        }
        throw new IOException("it does not start:\n" + Files.readString(log()));
    }

    /** Ends it without warning. */
    void kill() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    final void awaitEnd() throws Exception {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("it does not end");
        }
    }

    /** Sends it a signal by its name, if it runs. */
    final void signal(String name) {
        if (process == null || !process.isAlive()) {
            return;
        }
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts a command as the server's user, in its folder. */
    final Process launch(List<String> command) throws IOException {
        List<String> whole = new ArrayList<>();
        if (ROOT) {
            whole.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=nogroup", "--clear-groups", "--"));
        }
        whole.addAll(command);
        return new ProcessBuilder(whole)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private Path log() {
        return folder.resolveSibling(folder.getFileName() + ".log");
    }

    private boolean answers() throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (process.isAlive() && System.nanoTime() < limit) {
            try (Socket tcp = new Socket();
                    SocketChannel unix = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                tcp.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                unix.connect(UnixDomainSocketAddress.of(file()));
                return process.isAlive() && ready();
            } catch (IOException notYet) {
                Thread.sleep(20);
            }
        }
        return false;
    }

    /** Whether it can be used, once it listens; it may wait. */
    boolean ready() throws Exception {
        return true;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public final void close() throws Exception {
        Runtime.getRuntime().removeShutdownHook(atExit);
        kill();
        if (process != null) {
            awaitEnd();
        }
        Files.deleteIfExists(log());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        }
    }
}
