// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.Commands;
import dev.nettyuring.testsuite.channel.CProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Two cables (veth) in a row, from this machine's network to a network namespace, with a relay between them that does to packets
 * what it is told, and a {@link NetworkPeer} in that namespace. All of that is made here, and gone in the end. Needs to be root.
 */
final class Wire implements AutoCloseable {
    private static final int LIMIT_SECONDS = 30;
    /** Of a /29 each, of the benchmarking addresses of RFC 2544, which are nobody else's. */
    private static final int NETWORKS = 1 << 13;

    private final long number = ProcessHandle.current().pid();
    private final String middle = "netty-uring-middle-" + number;
    private final String far = "netty-uring-far-" + number;
    private final String[] cable = {"nw" + number + 'a', "nw" + number + 'b', "nw" + number + 'c', "nw" + number + 'd'};
    private Program relay;
    private Program peer;

    /** What happens to packets is of a seed. */
    Wire(Path folder, long seed) throws Exception {
        String relayProgram = CProgram.compile(folder, "packet_relay").toString();
        try {
            Commands.run("ip", "netns", "add", middle);
            Commands.run("ip", "netns", "add", far);
            Commands.run("ip", "link", "add", cable[0], "type", "veth", "peer", "name", cable[1], "netns", middle);
            Commands.run(
                    "ip", "-n", middle, "link", "add", cable[2], "type", "veth", "peer", "name", cable[3], "netns",
                    far);
            Commands.run("ip", "addr", "add", address(1) + "/29", "dev", cable[0]);
            Commands.run("ip", "-n", far, "addr", "add", address(2) + "/29", "dev", cable[3]);
            Commands.run(relayProgram, "plain", cable[0]);
            inFar(relayProgram, "plain", cable[3]);
            Commands.run("ip", "link", "set", cable[0], "up");
            Commands.run("ip", "-n", middle, "link", "set", cable[1], "up");
            Commands.run("ip", "-n", middle, "link", "set", cable[2], "up");
            Commands.run("ip", "-n", far, "link", "set", cable[3], "up");
            Commands.run("ip", "-n", far, "link", "set", "lo", "up");
            relay = new Program(
                    List.of("ip", "netns", "exec", middle, relayProgram, cable[1], cable[2], String.valueOf(seed)));
            assertThat(relay.read()).isEqualTo("relays");
            List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", far));
            command.addAll(ChildJvm.command());
            command.add(NetworkPeer.class.getName());
            peer = new Program(command);
            assertThat(peer.answer()).isEqualTo("ready");
        } catch (Exception | AssertionError e) {
            remove();
            throw e;
        }
    }

    /** A program that is told lines, and answers each with one. */
    private static final class Program {
        private final Process process;
        private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

        Program(List<String> command) throws IOException {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            Thread reader = new Thread(this::readAll, "output of a program");
            reader.setDaemon(true);
            reader.start();
        }

        private void readAll() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    printed.add(line);
                }
            } catch (IOException ended) {
                // and has nothing to say
            }
        }

        String read() throws InterruptedException {
            return read("");
        }

        private String read(CharSequence before) throws InterruptedException {
            String line = printed.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(line).as("answer of a program, after: %s", before).isNotNull();
            return line;
        }

        /** What else it prints is not as it should be: it has nothing else to say. */
        String answer() throws InterruptedException {
            StringBuilder other = new StringBuilder();
            for (String line = read(other); ; line = read(other)) {
                if (line.startsWith(NetworkPeer.ANSWER)) {
                    assertThat(other.toString())
                            .as("what the peer says beside its answer")
                            .doesNotContain("LEAK", "WARN", "ERROR");
                    return line.substring(NetworkPeer.ANSWER.length());
                }
                other.append(line).append('\n');
            }
        }

        void tell(String line) throws IOException {
            OutputStream input = process.getOutputStream();
            input.write((line + '\n').getBytes(StandardCharsets.US_ASCII));
            input.flush();
        }

        void end() throws Exception {
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** One of the addresses of the wire: 1 is here, 2 the peer, and nobody has those up to 6. */
    String address(int host) {
        int network = (int) (number % NETWORKS) * 8;
        return "198." + (18 + (network >> 16)) + '.' + (network >> 8 & 0xff) + '.' + ((network & 0xff) + host);
    }

    InetSocketAddress peerAddress(int port) {
        return new InetSocketAddress(address(2), port);
    }

    /** Returns what the peer answers. */
    String peer(Object... command) throws Exception {
        StringBuilder line = new StringBuilder();
        for (Object part : command) {
            line.append(part).append(' ');
        }
        peer.tell(line.toString());
        return peer.answer();
    }

    /**
     * What becomes of packets from now on, in 1/1000 of them.
     *
     * @param rate bytes a second; 0 for any
     * @param largest larger ones are lost, as in a network that says nothing of that; 0 for any
     * @return how many passed, were lost, doubled, reordered and too large, so far
     */
    long[] rules(int lost, int doubled, int reordered, int delayMicros, int rate, int largest) throws Exception {
        relay.tell(lost + " " + doubled + ' ' + reordered + ' ' + delayMicros + ' ' + rate + ' ' + largest);
        String[] words = relay.read().split(" ");
        long[] counts = new long[words.length];
        for (int i = 0; i < words.length; i++) {
            counts[i] = Long.parseLong(words[i]);
        }
        return counts;
    }

    /** Nothing is wrong with the network. */
    long[] mend() throws Exception {
        return rules(0, 0, 0, 0, 0, 0);
    }

    /** Nothing arrives any more, and nobody is told. */
    void cut() throws Exception {
        rules(1000, 0, 0, 0, 0, 0);
    }

    /** The longest packet that either end sends. */
    void mtu(int bytes) throws Exception {
        Commands.run("ip", "link", "set", cable[0], "mtu", String.valueOf(bytes));
        Commands.run("ip", "-n", far, "link", "set", cable[3], "mtu", String.valueOf(bytes));
    }

    /** A host that is not there is at the end of our cable, as far as the peer knows. */
    void pretend(int host) throws Exception {
        String ours =
                Files.readString(Path.of("/sys/class/net", cable[0], "address")).trim();
        Commands.run(
                "ip", "-n", far, "neigh", "add", address(host), "lladdr", ours, "dev", cable[3], "nud", "permanent");
    }

    /** Runs a command in the peer's namespace; returns what it printed. */
    String inFar(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", far));
        all.addAll(List.of(command));
        return Commands.run(all.toArray(new String[0]));
    }

    /** Sets a setting of the kernel's, of {@code net.ipv4}, in the peer's namespace. */
    void setting(String name, Object value) throws Exception {
        inFar("sh", "-c", "echo '" + value + "' > /proc/sys/net/ipv4/" + name);
    }

    /** A counter of the peer's namespace. */
    long count(String counter) throws Exception {
        String[] lines = inFar("cat", "/proc/net/netstat").split("\n");
        for (int i = 0; i + 1 < lines.length; i += 2) {
            List<String> names = List.of(lines[i].split(" "));
            if (names.contains(counter)) {
                return Long.parseLong(lines[i + 1].split(" ")[names.indexOf(counter)]);
            }
        }
        throw new AssertionError("the kernel does not count " + counter);
    }

    /** Ends all; returns what the peer has left over. */
    String end() throws Exception {
        peer.process.getOutputStream().close();
        return peer.answer();
    }

    @Override
    public void close() throws Exception {
        remove();
    }

    private void remove() throws Exception {
        for (Program program : new Program[] {peer, relay}) {
            if (program != null) {
                program.end();
            }
        }
        Commands.succeeds("ip", "link", "del", cable[0]);
        Commands.succeeds("ip", "netns", "del", middle);
        Commands.succeeds("ip", "netns", "del", far);
    }
}
