// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.Commands.run;
import static dev.nettyuring.testsuite.Commands.succeeds;

import dev.nettyuring.testsuite.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A network namespace of its own, joined to ours by a cable (veth), with a {@link NamespacePeer} in it. Needs to be root. */
final class Namespace implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;
    /** Benchmarking and documentation addresses (RFC 2544, RFC 3849): nobody else's. */
    private static final String IPV4 = "198.18.77.";

    private static final String IPV6 = "2001:db8:77::";

    private final String name = "netty-uring-" + ProcessHandle.current().pid();
    private final String ours = "nu" + ProcessHandle.current().pid();
    private final String theirs = ours + 'p';
    private Process peer;
    private int port;

    Namespace() throws Exception {
        run("ip", "netns", "add", name);
        try {
            run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name);
            address(1, ours);
            address(2, theirs, "-n", name);
            peer = startPeer();
            port = readPort();
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    private static void address(int host, String network, String... where) throws Exception {
        for (String[] command : new String[][] {
            {"addr", "add", IPV4 + host + "/24", "dev", network},
            {"addr", "add", IPV6 + host + "/64", "dev", network, "nodad"},
            {"link", "set", network, "up"}
        }) {
            List<String> all = new ArrayList<>(List.of("ip"));
            all.addAll(List.of(where));
            all.addAll(List.of(command));
            run(all.toArray(new String[0]));
        }
    }

    private Process startPeer() throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name));
        command.addAll(ChildJvm.command());
        command.add(NamespacePeer.class.getName());
        command.add(theirs);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private int readPort() throws Exception {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
        Background killer = Background.run(() -> {
            if (!peer.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && port == 0) {
                peer.destroyForcibly();
            }
        });
        String line = output.readLine();
        if (line == null) {
            killer.join();
            throw new AssertionError("the program in the namespace did not begin to listen");
        }
        return Integer.parseInt(line);
    }

    /** Our end of the cable. */
    NetworkInterface network() throws IOException {
        return NetworkInterface.getByName(ours);
    }

    InetAddress ourAddress(boolean ipv6) throws IOException {
        return InetAddress.getByName((ipv6 ? IPV6 : IPV4) + 1);
    }

    InetAddress peerAddress(boolean ipv6) throws IOException {
        return InetAddress.getByName((ipv6 ? IPV6 : IPV4) + 2);
    }

    int peerPort() {
        return port;
    }

    @Override
    public void close() throws Exception {
        if (peer != null) {
            peer.getOutputStream().close();
            if (!peer.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                peer.destroyForcibly().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            peer.getInputStream().close();
        }
        succeeds("ip", "link", "del", ours);
        run("ip", "netns", "del", name);
    }
}
