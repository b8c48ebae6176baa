// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static dev.nettyuring.testsuite.channel.Udp.direct;
import static dev.nettyuring.testsuite.channel.Udp.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDatagramPacket;
import dev.nettyuring.channel.UringDatagramTruncated;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.NetUtil;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TransportInvariants.class)
class DatagramOptionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int CONGESTION = 3;

    private static Bootstrap anyAddress(Mailbox mailbox) {
        return Udp.bootstrap(SocketProtocolFamily.INET6, mailbox);
    }

    private static void closeAll(UringDatagramChannel... channels) throws InterruptedException {
        for (UringDatagramChannel channel : channels) {
            channel.close().sync();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SocketProtocolFamily.class,
            names = {"INET", "INET6"})
    void whatIsSetIsWhatTheKernelHas(SocketProtocolFamily family) {
        UringDatagramChannel channel = new UringDatagramChannel(family);
        Map<ChannelOption<Boolean>, Boolean> flags = Map.of(
                ChannelOption.SO_BROADCAST, true,
                ChannelOption.SO_REUSEADDR, true,
                UnixChannelOption.SO_REUSEPORT, true,
                ChannelOption.IP_MULTICAST_LOOP_DISABLED, true,
                UringChannelOption.IP_MULTICAST_ALL, true,
                UringChannelOption.IP_RECVORIGDSTADDR, true,
                UringChannelOption.IP_PKTINFO, true,
                UringChannelOption.IP_RECVTOS, true,
                UringChannelOption.UDP_GRO, true,
                UringChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        flags.forEach((option, value) -> {
            assertThat(channel.config().getOption(option)).as("%s", option).isEqualTo(false);
            assertThat(channel.config().setOption(option, value)).isTrue();
            assertThat(channel.config().getOption(option)).as("%s", option).isEqualTo(value);
        });
        assertThat(channel.config().getTimeToLive()).isEqualTo(1);
        assertThat(channel.config().setTimeToLive(7).getTimeToLive()).isEqualTo(7);
        assertThat(channel.config().setTrafficClass(0x28).getTrafficClass()).isEqualTo(0x28);
        assertThat(channel.config().setReceiveBufferSize(50_000).getReceiveBufferSize())
                .isEqualTo(100_000);
        assertThat(channel.config().setSendBufferSize(50_000).getSendBufferSize())
                .isEqualTo(100_000);
        assertThat(channel.config().setMaxDatagramPayloadSize(1200).getMaxDatagramPayloadSize())
                .isEqualTo(1200);
        assertThat(channel.config().setUdpGroSegmented(true).isUdpGroSegmented())
                .isTrue();
        assertThat(channel.config().getOptions())
                .containsEntry(UringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 1200)
                .containsEntry(ChannelOption.IP_MULTICAST_TTL, 7)
                .containsKey(ChannelOption.IP_MULTICAST_IF)
                .containsKey(UringChannelOption.IP_FREEBIND)
                .containsKey(UringChannelOption.IP_TRANSPARENT);
        channel.unsafe().closeForcibly();
    }

    @Test
    void theOptionsOfNettysOwnTransportsMeanTheSame() {
        UringDatagramChannel channel = new UringDatagramChannel();
        for (String name : new String[] {"IP_RECVORIGDSTADDR", "UDP_GRO", "IP_MULTICAST_ALL", "IP_FREEBIND"}) {
            ChannelOption<Boolean> option = ChannelOption.valueOf(name);
            assertThat(channel.config().setOption(option, true)).as(name).isTrue();
            assertThat(channel.config().getOption(option)).as(name).isTrue();
        }
        ChannelOption<Integer> size = ChannelOption.valueOf("MAX_DATAGRAM_PAYLOAD_SIZE");
        assertThat(channel.config().setOption(size, 2048)).isTrue();
        assertThat(channel.config().getMaxDatagramPayloadSize()).isEqualTo(2048);
        channel.unsafe().closeForcibly();
    }

    @Test
    @SuppressWarnings("deprecation") // Netty has nothing in place of it
    void whatCountsAtRegistrationCannotBeSetAfterwards() throws Exception {
        UringDatagramChannel channel = Udp.bind(new Mailbox());
        assertThatThrownBy(
                        () -> channel.config().setOption(ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, true))
                .isInstanceOf(IllegalStateException.class);
        closeAll(channel);
    }

    @Test
    void theRecipientIsWhereADatagramWasSentTo() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = (UringDatagramChannel) anyAddress(mailbox)
                .option(UringChannelOption.IP_PKTINFO, true)
                .bind(0)
                .sync()
                .channel();
        int port = receiver.localAddress().getPort();
        UringDatagramChannel sender =
                (UringDatagramChannel) anyAddress(new Mailbox()).bind(0).sync().channel();
        InetAddress[] sentTo = {NetUtil.LOCALHOST4, InetAddress.getByName("127.0.0.3"), NetUtil.LOCALHOST6};
        for (int i = 0; i < sentTo.length; i++) {
            InetSocketAddress to = new InetSocketAddress(sentTo[i], port);
            int expected = i + 1;
            sender.writeAndFlush(packet(new byte[] {1}, to)).sync();
            await().atMost(LIMIT).until(() -> mailbox.count() == expected);
            assertThat(mailbox.mail(i).recipient()).isEqualTo(to);
        }
        // switched off while it receives
        receiver.config().setOption(UringChannelOption.IP_PKTINFO, false);
        sender.writeAndFlush(packet(new byte[] {1}, new InetSocketAddress(NetUtil.LOCALHOST4, port)))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 4);
        assertThat(mailbox.mail(3).recipient()).isEqualTo(receiver.localAddress());
        closeAll(sender, receiver);
    }

    @ParameterizedTest
    @EnumSource(
            value = SocketProtocolFamily.class,
            names = {"INET", "INET6"})
    void theOriginalRecipientIsReported(SocketProtocolFamily family) throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = (UringDatagramChannel) Udp.bootstrap(family, mailbox)
                .option(UringChannelOption.IP_RECVORIGDSTADDR, true)
                .bind(0)
                .sync()
                .channel();
        UringDatagramChannel sender = Udp.bind(family, new Mailbox());
        InetSocketAddress to = new InetSocketAddress(
                Udp.loopback(family), receiver.localAddress().getPort());
        sender.writeAndFlush(packet(random(100), to)).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(mailbox.mail(0).recipient()).isEqualTo(to);
        assertThat(mailbox.mail(0).bytes()).isEqualTo(random(100));
        closeAll(sender, receiver);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void congestionMarksOfEachPacketAreSentAndReceived(String address) throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = (UringDatagramChannel) anyAddress(mailbox)
                .option(UringChannelOption.IP_RECVTOS, true)
                .bind(0)
                .sync()
                .channel();
        UringDatagramChannel sender =
                (UringDatagramChannel) anyAddress(new Mailbox()).bind(0).sync().channel();
        InetSocketAddress to =
                new InetSocketAddress(address, receiver.localAddress().getPort());
        for (int mark = 0; mark <= CONGESTION; mark++) {
            sender.write(new UringDatagramPacket(direct((byte) mark), 0x28 | mark, to));
        }
        sender.config().setTrafficClass(0x10);
        sender.writeAndFlush(packet(new byte[] {9}, to)).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == CONGESTION + 2);
        for (int mark = 0; mark <= CONGESTION; mark++) {
            assertThat(mailbox.mail(mark).trafficClass()).isEqualTo(0x28 | mark);
            assertThat(mailbox.mail(mark).bytes()).containsExactly((byte) mark);
        }
        assertThat(mailbox.mail(CONGESTION + 1).trafficClass()).isEqualTo(0x10);
        closeAll(sender, receiver);
    }

    @Test
    void aDatagramThatIsTooLargeIsReportedAndNotRead() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(
                Udp.bootstrap(SocketProtocolFamily.INET, mailbox)
                        .option(UringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 1200),
                NetUtil.LOCALHOST4);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        long truncatedBefore = UringMetrics.of(receiver.eventLoop()).truncatedDatagrams();
        sender.write(packet(random(1200), receiver.localAddress()));
        sender.write(packet(random(9000), receiver.localAddress()));
        sender.writeAndFlush(packet(random(100), receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 2);
        assertThat(mailbox.mails()).extracting(Mailbox.Mail::bytes).containsExactly(random(1200), random(100));
        assertThat(mailbox.events()).hasSize(1);
        UringDatagramTruncated truncated =
                (UringDatagramTruncated) mailbox.events().get(0);
        assertThat(truncated.length()).isEqualTo(9000);
        assertThat(truncated.room()).isBetween(1200, 4096);
        assertThat(truncated.sender()).isEqualTo(sender.localAddress());
        assertThat(UringMetrics.of(receiver.eventLoop()).truncatedDatagrams() - truncatedBefore)
                .isEqualTo(1);
        // from now on for any size
        receiver.config().setMaxDatagramPayloadSize(0);
        sender.writeAndFlush(packet(random(9000), receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() + mailbox.events().size() == 4);
        sender.writeAndFlush(packet(random(9000), receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() + mailbox.events().size() == 5);
        assertThat(mailbox.mail(mailbox.count() - 1).bytes()).isEqualTo(random(9000));
        closeAll(sender, receiver);
    }

    @Test
    void anAddressIsSharedOnlyByThoseThatSaySo() throws Exception {
        UringDatagramChannel first = Udp.bind(new Mailbox());
        ChannelFuture second = Udp.bootstrap(SocketProtocolFamily.INET, new Mailbox())
                .bind(first.localAddress())
                .await();
        assertThat(second.cause()).isInstanceOf(BindException.class);
        closeAll(first);
        Mailbox[] mailboxes = {new Mailbox(), new Mailbox()};
        UringDatagramChannel[] sharing = new UringDatagramChannel[2];
        for (int i = 0; i < sharing.length; i++) {
            sharing[i] = (UringDatagramChannel) Udp.bootstrap(SocketProtocolFamily.INET, mailboxes[i])
                    .option(UnixChannelOption.SO_REUSEPORT, true)
                    .bind(
                            NetUtil.LOCALHOST4,
                            i == 0 ? 0 : sharing[0].localAddress().getPort())
                    .sync()
                    .channel();
        }
        // the kernel chooses by the sender's address
        for (int i = 0; i < 1000 && (mailboxes[0].count() == 0 || mailboxes[1].count() == 0); i++) {
            UringDatagramChannel sender = Udp.bind(new Mailbox());
            sender.writeAndFlush(packet(new byte[] {1}, sharing[0].localAddress()))
                    .sync();
            int sent = i + 1;
            await().atMost(LIMIT).until(() -> mailboxes[0].count() + mailboxes[1].count() == sent);
            closeAll(sender);
        }
        assertThat(mailboxes).allSatisfy(mailbox -> assertThat(mailbox.count()).isPositive());
        closeAll(sharing);
    }
}
