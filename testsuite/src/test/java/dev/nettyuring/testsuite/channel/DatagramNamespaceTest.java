// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.NamespacePeer.JOIN;
import static dev.nettyuring.testsuite.channel.NamespacePeer.MEASURE;
import static dev.nettyuring.testsuite.channel.NamespacePeer.SEGMENTS;
import static dev.nettyuring.testsuite.channel.NamespacePeer.SEND;
import static dev.nettyuring.testsuite.channel.NamespacePeer.command;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.testsuite.Commands;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Multicast and segments over a network whose packets have 1,500 bytes, with a process at its other end. */
@ExtendWith(TransportInvariants.class)
class DatagramNamespaceTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(300);
    private static final String GROUP4 = "239.77.1.1";
    private static final String GROUP6 = "ff15::77:1";

    private static Namespace namespace;

    private final Mailbox mailbox = new Mailbox();
    private UringDatagramChannel channel;

    @BeforeAll
    static void begin() throws Exception {
        Commands.assumeNamespaces();
        namespace = new Namespace();
    }

    @AfterAll
    static void end() throws Exception {
        if (namespace != null) {
            namespace.close();
        }
    }

    @AfterEach
    void close() throws Exception {
        channel.close().sync();
    }

    private void open(boolean ipv6) throws Exception {
        channel = (UringDatagramChannel)
                Udp.bootstrap(ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET, mailbox)
                        .option(ChannelOption.IP_MULTICAST_IF, namespace.network())
                        .bind(0)
                        .sync()
                        .channel();
    }

    private void tell(boolean ipv6, Object... parts) throws Exception {
        send(new InetSocketAddress(namespace.peerAddress(ipv6), namespace.peerPort()), command(parts));
    }

    private void send(InetSocketAddress to, String text) throws Exception {
        channel.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), to))
                .sync();
    }

    private String text(int index) {
        return new String(mailbox.mail(index).bytes(), StandardCharsets.US_ASCII);
    }

    private void awaitTexts(String... texts) {
        await().during(A_WHILE).atMost(LIMIT).untilAsserted(() -> assertThat(mailbox.mails())
                .extracting(mail -> new String(mail.bytes(), StandardCharsets.US_ASCII))
                .containsExactly(texts));
    }

    private void groupSends(boolean ipv6, InetAddress group, String text) throws Exception {
        tell(ipv6, SEND, group.getHostAddress(), channel.localAddress().getPort(), text);
        tell(ipv6, MEASURE); // which is answered after that
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void whatAGroupIsSentArrivesFromJoiningUntilLeaving(boolean ipv6) throws Exception {
        open(ipv6);
        String measured = String.valueOf(command(MEASURE).length());
        InetAddress group = InetAddress.getByName(ipv6 ? GROUP6 : GROUP4);
        groupSends(ipv6, group, "before");
        awaitTexts(measured);
        channel.joinGroup(new InetSocketAddress(group, 0), namespace.network()).sync();
        groupSends(ipv6, group, "while");
        awaitTexts(measured, "while", measured);
        channel.leaveGroup(new InetSocketAddress(group, 0), namespace.network()).sync();
        groupSends(ipv6, group, "after");
        awaitTexts(measured, "while", measured, measured);
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void aSourceIsBlockedOrTheOnlyOne(boolean ipv6) throws Exception {
        open(ipv6);
        String measured = String.valueOf(command(MEASURE).length());
        InetAddress group = InetAddress.getByName(ipv6 ? GROUP6 : GROUP4);
        InetAddress source = namespace.peerAddress(ipv6);
        channel.joinGroup(new InetSocketAddress(group, 0), namespace.network()).sync();
        groupSends(ipv6, group, "any");
        awaitTexts("any", measured);
        channel.block(group, namespace.network(), source).sync();
        groupSends(ipv6, group, "blocked");
        awaitTexts("any", measured, measured);
        channel.leaveGroup(new InetSocketAddress(group, 0), namespace.network()).sync();
        channel.joinGroup(group, namespace.network(), namespace.ourAddress(ipv6))
                .sync();
        groupSends(ipv6, group, "another's");
        awaitTexts("any", measured, measured, measured);
        channel.joinGroup(group, namespace.network(), source).sync();
        groupSends(ipv6, group, "its");
        awaitTexts("any", measured, measured, measured, "its", measured);
        channel.leaveGroup(group, namespace.network(), source).sync();
        groupSends(ipv6, group, "left");
        awaitTexts("any", measured, measured, measured, "its", measured, measured);
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void whatIsSentToAGroupReachesThePeerAndByLoopbackTheMachine(boolean ipv6) throws Exception {
        open(ipv6);
        String group = ipv6 ? "ff15::77:2" : "239.77.1.2";
        tell(ipv6, JOIN, group);
        awaitTexts("true");
        InetSocketAddress address = new InetSocketAddress(group, namespace.peerPort());
        send(address, "x".repeat(7));
        awaitTexts("true", "7");
        InetAddress own = InetAddress.getByName(group);
        channel.joinGroup(new InetSocketAddress(own, 0), namespace.network()).sync();
        channel.config().setTimeToLive(0); // stays within the machine, if it has a member of the group
        send(address, "x".repeat(8));
        awaitTexts("true", "7");
        channel.config().setTimeToLive(1);
        InetSocketAddress ours =
                new InetSocketAddress(own, channel.localAddress().getPort());
        channel.config().setLoopbackModeDisabled(true);
        send(ours, "unheard");
        channel.config().setLoopbackModeDisabled(false);
        send(ours, "heard");
        awaitTexts("true", "7", "heard");
        channel.leaveGroup(new InetSocketAddress(own, 0), namespace.network()).sync();
    }

    @Test
    void anIpv6ChannelJoinsIpv4Groups() throws Exception {
        open(true);
        String measured = String.valueOf(command(MEASURE).length());
        InetAddress group = InetAddress.getByName(GROUP4);
        channel.joinGroup(group).sync();
        groupSends(false, group, "mapped");
        awaitTexts("mapped", measured);
        channel.leaveGroup(group).sync();
        groupSends(false, group, "left");
        awaitTexts("mapped", measured, measured);
        assertThat(channel.joinGroup(InetAddress.getByName("198.18.77.1"))
                        .await()
                        .cause())
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** 1,400 bytes fit into a packet; larger segments the kernel refuses to cut, and they are sent one by one. */
    @ParameterizedTest
    @ValueSource(ints = {1400, 3000})
    void segmentsArriveWhateverTheNetworkTakes(int size) throws Exception {
        open(false);
        int segments = 20;
        for (int packet = 1; packet <= 3; packet++) {
            ByteBuf content = Unpooled.directBuffer().writeZero(segments * size);
            channel.writeAndFlush(new SegmentedDatagramPacket(
                            content, size, new InetSocketAddress(namespace.peerAddress(false), namespace.peerPort())))
                    .sync();
            int expected = segments * packet;
            await().atMost(LIMIT).until(() -> mailbox.count() == expected);
        }
        for (int i = 0; i < mailbox.count(); i++) {
            assertThat(text(i)).isEqualTo(String.valueOf(size));
        }
    }

    @Test
    void segmentsOfTheNetworkAreJoinedAndTakenApart() throws Exception {
        open(false);
        channel.config().setUdpGro(true);
        tell(false, SEGMENTS, 20, 1400);
        await().atMost(LIMIT).until(() -> mailbox.count() == 20);
        assertThat(mailbox.mails()).allSatisfy(mail -> assertThat(mail.bytes()).hasSize(1400));
        channel.config().setOption(UringChannelOption.UDP_GRO_SEGMENTED, true);
        tell(false, SEGMENTS, 20, 1400);
        await().atMost(LIMIT)
                .until(() -> mailbox.mails().stream()
                                .mapToInt(mail -> mail.bytes().length)
                                .sum()
                        == 2 * 20 * 1400);
        assertThat(mailbox.mails()).anySatisfy(mail -> {
            assertThat(mail.segmentSize()).isEqualTo(1400);
            assertThat(mail.bytes().length).isGreaterThan(1400);
        });
    }
}
