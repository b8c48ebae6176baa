// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.Commands;
import dev.nettyuring.testsuite.TransportInvariants;
import dev.nettyuring.testsuite.channel.CProgram;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What networks do to connections, between two processes of this transport. {@code -Dnetwork.all=true} for what takes longer,
 * {@code -Dnetwork.scale=20} for so many times the bytes, {@code -Dnetwork.seed} for other packets to be lost.
 */
@ExtendWith(TransportInvariants.class)
@Timeout(600)
class NetworkTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SCALE = Integer.getInteger("network.scale", 1);
    private static final long SEED = Long.getLong("network.seed", 1);
    private static final int USUAL_MTU = 1500;
    private static final int SMALLEST_MTU = 576;
    /** Nobody is there. */
    private static final int ABSENT = 3;

    @TempDir
    private static Path folder;

    private static Wire wire;

    private final List<CheckedEnd> ends = new ArrayList<>();

    @BeforeAll
    static void begin() throws Exception {
        Commands.assumeNamespaces();
        wire = new Wire(folder, SEED);
    }

    @AfterAll
    static void end() throws Exception {
        if (wire != null) {
            try (Wire ending = wire) {
                assertThat(ending.end()).isEqualTo("ended, 0 operations, 0 buffers");
            }
        }
    }

    @AfterEach
    void mend() throws Exception {
        wire.mend();
        wire.mtu(USUAL_MTU);
        wire.peer(NetworkPeer.RESET);
        wire.peer(NetworkPeer.ENDED);
    }

    private static Bootstrap client() {
        return new Bootstrap()
                .group(TransportInvariants.loops().uring())
                .channel(UringSocketChannel.class)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /** Connections to the peer; returns the last one's channel. */
    private Channel connect(Bootstrap bootstrap, int connections, long sent, long received) throws Exception {
        int port = Integer.parseInt(wire.peer(NetworkPeer.SERVE, received, sent));
        Channel channel = null;
        for (int i = 0; i < connections; i++) {
            CheckedEnd end = new CheckedEnd(true, sent, received);
            ends.add(end);
            channel = bootstrap
                    .clone()
                    .handler(end)
                    .connect(wire.peerAddress(port))
                    .sync()
                    .channel();
        }
        return channel;
    }

    private Channel connect(int connections, long bytes) throws Exception {
        return connect(client(), connections, bytes, bytes);
    }

    private void awaitReceived(long bytes) {
        await().atMost(LIMIT).until(() -> ends.stream().allMatch(end -> end.received() >= bytes));
    }

    private static String ended(CheckedEnd end) throws Exception {
        return end.ended().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Here and there. */
    private void assertWhole() throws Exception {
        List<String> here = new ArrayList<>();
        for (CheckedEnd end : ends) {
            here.add(ended(end));
        }
        assertThat(here).containsOnly(CheckedEnd.WHOLE);
        List<String> there = new ArrayList<>();
        await().pollInSameThread().atMost(LIMIT).until(() -> {
            String endings = wire.peer(NetworkPeer.ENDED);
            if (endings.length() > 2) {
                there.addAll(List.of(endings.substring(1, endings.length() - 1).split(", ")));
            }
            return there.size() == ends.size();
        });
        assertThat(there).containsOnly(CheckedEnd.WHOLE);
    }

    @Test
    void packetsThatAreLostDoubledLateAndOutOfOrderLeaveStreamsWhole() throws Exception {
        long[] before = wire.rules(20, 20, 50, 500, 0, 0);
        connect(4, 300_000L * SCALE);
        assertWhole();
        long[] after = wire.mend();
        for (int i = 0; i < 4; i++) {
            assertThat(after[i]).as("what happened to packets, %s", i).isGreaterThan(before[i]);
        }
    }

    @Test
    void aSlowLinkDelaysAndLosesNothing() throws Exception {
        wire.rules(0, 0, 0, 2000, 2_000_000, 0);
        connect(3, 200_000L * SCALE);
        assertWhole();
    }

    @Test
    @EnabledIfSystemProperty(named = "network.all", matches = "true")
    void packetsThatHaveToBecomeSmallerInMidStreamLeaveItWhole() throws Exception {
        wire.rules(0, 0, 0, 0, 20_000_000, 0);
        connect(2, 4_000_000L * SCALE);
        awaitReceived(200_000);
        wire.mtu(SMALLEST_MTU);
        assertWhole();
    }

    @Test
    @EnabledIfSystemProperty(named = "network.all", matches = "true")
    void aNetworkThatLosesLargePacketsInMidStreamAndDoesNotSayItLeavesTheStreamWhole() throws Exception {
        wire.setting("tcp_mtu_probing", 1);
        wire.setting("tcp_retries1", 1);
        wire.rules(0, 0, 0, 0, 5_000_000, 0);
        connect(client(), 1, 1000, 1_500_000L * SCALE);
        awaitReceived(100_000);
        wire.rules(0, 0, 0, 0, 0, SMALLEST_MTU + 100);
        assertWhole();
    }

    private void endsInMidStream(Interruption interruption, String failure) throws Exception {
        wire.rules(0, 0, 0, 0, 20_000_000, 0);
        connect(3, Long.MAX_VALUE);
        awaitReceived(100_000);
        interruption.happens();
        assertAllFail(failure);
    }

    /** It is told to the handlers or to who wrote, whichever the kernel told first, and every write is over. */
    private void assertAllFail(String failure) throws Exception {
        for (CheckedEnd end : ends) {
            String told = ended(end);
            await().atMost(LIMIT).until(() -> end.writeFailure() != null);
            assertThat(told + ", " + end.writeFailure()).contains(failure);
        }
    }

    private interface Interruption {
        void happens() throws Exception;
    }

    @Test
    void aPeerThatResetsConnectionsEndsThem() throws Exception {
        endsInMidStream(() -> wire.peer(NetworkPeer.RESET), "ECONNRESET");
    }

    @Test
    void socketsThatTheAdministratorOfTheirMachineDestroysEnd() throws Exception {
        endsInMidStream(() -> Commands.run("ss", "-K", "dst", wire.address(2)), "ECONNABORTED");
    }

    @Test
    @EnabledIfSystemProperty(named = "network.all", matches = "true")
    void socketsThatTheAdministratorOfThePeersMachineDestroysEnd() throws Exception {
        endsInMidStream(() -> wire.inFar("ss", "-K", "dst", wire.address(1)), "ECONNRESET");
        await().pollInSameThread().atMost(LIMIT).until(() -> wire.peer(NetworkPeer.ENDED)
                .contains("ECONNABORTED"));
    }

    @Test
    void aPeerThatVanishesWhileBytesAreSentEndsConnectionsByTheUserTimeout() throws Exception {
        wire.rules(0, 0, 0, 0, 20_000_000, 0);
        connect(client().option(UringChannelOption.TCP_USER_TIMEOUT, 500), 3, Long.MAX_VALUE, Long.MAX_VALUE);
        awaitReceived(100_000);
        wire.cut();
        assertAllFail("ETIMEDOUT");
    }

    @Test
    void aPeerThatVanishesFromAnIdleConnectionIsFoundOutByKeepalive() throws Exception {
        Bootstrap bootstrap = client().option(ChannelOption.SO_KEEPALIVE, true)
                .option(UringChannelOption.TCP_KEEPIDLE, 1)
                .option(UringChannelOption.TCP_KEEPINTVL, 1)
                .option(UringChannelOption.TCP_KEEPCNT, 1);
        connect(bootstrap, 3, CheckedEnd.IDLE, CheckedEnd.IDLE);
        wire.cut();
        for (CheckedEnd end : ends) {
            assertThat(ended(end)).contains("ETIMEDOUT");
        }
    }

    @Test
    void withoutAFreePortConnectingFailsAndGoesOnWhenThereIsOne() throws Exception {
        wire.setting("ip_local_port_range", "40000 40009");
        Channel server = new ServerBootstrap()
                .group(TransportInvariants.loops().uring())
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                })
                .bind(new InetSocketAddress(wire.address(1), 0))
                .sync()
                .channel();
        try {
            String to = wire.address(1) + ' ' + ((InetSocketAddress) server.localAddress()).getPort();
            assertThat(wire.peer(NetworkPeer.CONNECT, to))
                    .startsWith("10 ")
                    .contains("AnnotatedSocketException", "EADDRNOTAVAIL");
            wire.peer(NetworkPeer.CLOSE_HALF);
            assertThat(wire.peer(NetworkPeer.CONNECT, to)).startsWith("5 ").contains("EADDRNOTAVAIL");
            wire.peer(NetworkPeer.CLOSE_HALF);
            wire.peer(NetworkPeer.CLOSE_HALF);
        } finally {
            wire.setting("ip_local_port_range", "32768 60999");
            server.close().sync();
        }
    }

    @Test
    void connectionsThatAreMeantAreMadeWhileTheQueueIsFullOfAFloodOfFirstPackets() throws Exception {
        wire.pretend(ABSENT);
        wire.setting("tcp_max_syn_backlog", 16);
        wire.setting("tcp_syncookies", 1);
        int port = Integer.parseInt(wire.peer(NetworkPeer.SERVE, 10_000, 10_000));
        String flood = CProgram.compile(folder, "syn_flood").toString();
        int packets = 20_000;
        Process process = new ProcessBuilder(
                        flood,
                        wire.address(ABSENT),
                        wire.address(2),
                        String.valueOf(port),
                        String.valueOf(packets * SCALE),
                        String.valueOf(SEED))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            // until then packets may be lost, and who loses the first bytes after a cookie is reset by the kernel
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(wire.count("SyncookiesSent"))
                    .as("packets that found the queue full")
                    .isPositive();
            for (int i = 0; i < 50; i++) {
                CheckedEnd end = new CheckedEnd(true, 10_000, 10_000);
                ends.add(end);
                client().handler(end).connect(wire.peerAddress(port)).sync();
            }
            assertWhole();
            assertThat(wire.count("SyncookiesRecv"))
                    .as("connections made without an entry in the queue")
                    .isPositive();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
