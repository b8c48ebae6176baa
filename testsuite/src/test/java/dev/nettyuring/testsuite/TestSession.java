// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import io.netty.testsuite.transport.socket.SocketTestPermutation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * What must be in place before Netty's classes load: leaks are recorded, and Netty's tests of connections that time out
 * find their unreachable host on the loopback interface, as a listening socket whose accept queue is full.
 */
public final class TestSession implements LauncherSessionListener {
    private static final int MAX_QUEUED = 16;
    private static final int UNANSWERED_MILLIS = 200;

    /** Keeps the unreachable host's sockets open for as long as the tests run. */
    private final List<AutoCloseable> blackHole = new ArrayList<>();

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Leaks.record();
        try {
            openBlackHole();
            openLastingDescriptors();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that the JDK and Netty's test classes open once and keep. */
    private static void openLastingDescriptors() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
                    SocketChannel accepted = server.accept()) {
                client.write(ByteBuffer.allocate(1));
                accepted.read(ByteBuffer.allocate(1));
            }
        }
        try {
            Class.forName(SocketTestPermutation.class.getName()); // has loops of its own
        } catch (ClassNotFoundException e) {
            throw new LinkageError("on the class path at compile time", e);
        }
    }

    private void openBlackHole() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        blackHole.add(server);
        InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
        for (int i = 0; i < MAX_QUEUED; i++) {
            Socket client = new Socket();
            blackHole.add(client);
            try {
                client.connect(address, UNANSWERED_MILLIS);
            } catch (SocketTimeoutException full) {
                System.setProperty(
                        "io.netty.testsuite.badHost", address.getAddress().getHostAddress());
                System.setProperty("io.netty.testsuite.badPort", String.valueOf(address.getPort()));
                return;
            }
        }
        throw new IOException("a listening socket with a backlog of 1 took " + MAX_QUEUED + " connections");
    }
}
