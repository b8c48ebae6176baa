// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that neither send nor read, held by a process of their own, since one may not have enough file descriptors for
 * both ends.
 */
final class IdlePeers implements AutoCloseable {
    private static final String DONE = "done";
    /** Little, so that who sends soon has to wait. */
    private static final int RECEIVE_BUFFER = 4096;

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    IdlePeers() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdlePeers.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Opens so many connections; returns when all are. */
    void connect(InetSocketAddress server, int count) throws IOException {
        command(server.getPort() + " " + count);
    }

    /** Closes all. */
    void disconnect() throws IOException {
        command("0 0");
    }

    private void command(String command) throws IOException {
        commands.println(command);
        String answer = answers.readLine();
        if (!DONE.equals(answer)) {
            throw new IOException("the peers' process: " + answer);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** The process. */
    public static void main(String[] args) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        List<SocketChannel> open = new ArrayList<>();
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            int space = command.indexOf(' ');
            int port = Integer.parseInt(command.substring(0, space));
            for (int left = Integer.parseInt(command.substring(space + 1)); left > 0; left--) {
                SocketChannel channel = SocketChannel.open();
                open.add(channel);
                channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
            if (port == 0) {
                for (SocketChannel channel : open) {
                    channel.close();
                }
                open.clear();
            }
            System.out.println(DONE);
        }
    }
}
