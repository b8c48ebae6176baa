// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static dev.nettyuring.testsuite.channel.Udp.direct;
import static dev.nettyuring.testsuite.channel.Udp.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(TransportInvariants.class)
class DatagramTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(200);
    private static final int MAX_IPV4_PAYLOAD = 65_507;
    private static final int MAX_IPV6_PAYLOAD = 65_527;

    private static void closeAll(UringDatagramChannel... channels) throws InterruptedException {
        for (UringDatagramChannel channel : channels) {
            channel.close().sync();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SocketProtocolFamily.class,
            names = {"INET", "INET6"})
    void theLargestDatagramThereIsArrivesWhole(SocketProtocolFamily family) throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(family, mailbox);
        UringDatagramChannel sender = Udp.bind(family, new Mailbox());
        byte[] largest = random(family == SocketProtocolFamily.INET ? MAX_IPV4_PAYLOAD : MAX_IPV6_PAYLOAD);
        sender.writeAndFlush(packet(largest, receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(mailbox.mail(0).bytes()).isEqualTo(largest);
        assertThat(mailbox.mail(0).sender()).isEqualTo(sender.localAddress());
        assertThat(mailbox.mail(0).recipient()).isEqualTo(receiver.localAddress());
        closeAll(sender, receiver);
    }

    @Test
    void datagramsOfEverySizeArriveOneByOneInTheirOrder() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        List<byte[]> sent = new ArrayList<>();
        for (int size = 0; size < 9000; size = size < 4 ? size + 1 : size + 173) {
            byte[] bytes = random(size);
            sent.add(bytes);
            sender.writeAndFlush(packet(bytes, receiver.localAddress())).sync();
            await().atMost(LIMIT).until(() -> mailbox.count() == sent.size());
        }
        assertThat(mailbox.mails()).extracting(Mailbox.Mail::bytes).containsExactlyElementsOf(sent);
        closeAll(sender, receiver);
    }

    @Test
    void moreThanMayBeInFlightGoOutInTheirOrder() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.connect(receiver.localAddress()).sync();
        int messages = 200;
        List<ChannelFuture> futures = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            int index = i;
            futures.add(sender.write(direct((byte) i)).addListener(sent -> done.add(index)));
        }
        sender.flush();
        for (ChannelFuture future : futures) {
            future.sync();
        }
        sender.eventLoop().submit(() -> {}).sync();
        assertThat(done).hasSize(messages).isSorted();
        await().atMost(LIMIT).until(() -> mailbox.count() == messages);
        for (int i = 0; i < messages; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly((byte) i);
        }
        closeAll(sender, receiver);
    }

    @Test
    void whatFailsInABatchFailsAlone() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        InetSocketAddress to = receiver.localAddress();
        ChannelFuture first = sender.write(packet(new byte[] {1}, to));
        ChannelFuture otherFamily = sender.write(packet(new byte[1], new InetSocketAddress("::1", to.getPort())));
        ChannelFuture second = sender.write(packet(new byte[] {2}, to));
        ChannelFuture tooLarge = sender.write(packet(new byte[MAX_IPV4_PAYLOAD + 1], to));
        ChannelFuture toAll = sender.write(packet(new byte[1], new InetSocketAddress("255.255.255.255", 9)));
        ChannelFuture toNobody = sender.write(direct((byte) 0));
        ChannelFuture third = sender.write(packet(new byte[] {3}, to));
        sender.flush();
        first.sync();
        second.sync();
        third.sync();
        assertThat(otherFamily.await().cause()).isInstanceOf(IllegalArgumentException.class);
        assertThat(tooLarge.await().cause()).isInstanceOf(SocketException.class).hasMessageContaining("EMSGSIZE");
        assertThat(toAll.await().cause()).isInstanceOf(SocketException.class);
        assertThat(toNobody.await().cause()).isInstanceOf(NotYetConnectedException.class);
        await().atMost(LIMIT).until(() -> mailbox.count() == 3);
        assertThat(mailbox.mails()).extracting(mail -> mail.bytes()[0]).containsExactly((byte) 1, (byte) 2, (byte) 3);
        assertThat(sender.isOpen()).isTrue();
        closeAll(sender, receiver);
    }

    @Test
    void aWriteCancelledBeforeTheFlushIsNotSentAndTheOthersAreOnce() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        ChannelPromise first = sender.newPromise();
        ChannelPromise cancelled = sender.newPromise();
        ChannelPromise third = sender.newPromise();
        sender.eventLoop()
                .submit(() -> {
                    sender.write(packet(new byte[] {1}, receiver.localAddress()), first);
                    sender.write(packet(new byte[] {2}, receiver.localAddress()), cancelled);
                    sender.write(packet(new byte[] {3}, receiver.localAddress()), third);
                    cancelled.cancel(false);
                    sender.flush();
                })
                .sync();
        assertThat(cancelled.isCancelled()).isTrue();
        first.sync();
        third.sync();
        sender.writeAndFlush(packet(new byte[] {4}, receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() >= 3);
        await().during(A_WHILE).atMost(LIMIT).until(() -> mailbox.count() == 3);
        assertThat(mailbox.mails()).extracting(mail -> mail.bytes()[0]).containsExactly((byte) 1, (byte) 3, (byte) 4);
        closeAll(sender, receiver);
    }

    @Test
    void envelopesHeapAndCompositeBuffersArriveAsTheyAre() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        InetSocketAddress to = receiver.localAddress();
        byte[] bytes = random(3000);
        CompositeByteBuf composite = Unpooled.compositeBuffer(1024);
        CompositeByteBuf ofManyPieces = Unpooled.compositeBuffer(1024);
        for (int i = 0; i < 3000; i += 3) {
            composite.addComponent(true, direct().writeBytes(bytes, i, 3));
            ofManyPieces.addComponent(true, Unpooled.wrappedBuffer(bytes, i, 3));
        }
        sender.write(new DefaultAddressedEnvelope<>(Unpooled.wrappedBuffer(bytes), to));
        sender.write(new DefaultAddressedEnvelope<>(direct(bytes), to, sender.localAddress()));
        sender.write(new DatagramPacket(composite, to));
        sender.write(new DatagramPacket(ofManyPieces, to));
        sender.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(bytes), to))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 5);
        assertThat(mailbox.mails()).allSatisfy(mail -> assertThat(mail.bytes()).isEqualTo(bytes));
        closeAll(sender, receiver);
    }

    @Test
    void aMessageOfAnotherKindIsRefused() throws Exception {
        UringDatagramChannel channel = Udp.bind(new Mailbox());
        assertThat(channel.writeAndFlush("text").await().cause())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("String");
        closeAll(channel);
    }

    @Test
    void anEmptyPacketIsSentAndAnEmptyBufferIsNot() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.connect(receiver.localAddress()).sync();
        sender.writeAndFlush(Unpooled.EMPTY_BUFFER).sync();
        sender.writeAndFlush(packet(new byte[0], receiver.localAddress())).sync();
        sender.writeAndFlush(direct((byte) 1)).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 2);
        assertThat(mailbox.mail(0).bytes()).isEmpty();
        assertThat(mailbox.mail(1).bytes()).containsExactly((byte) 1);
        closeAll(sender, receiver);
    }

    @Test
    void whatArrivesIsTheMemoryThatTheKernelWroteAndNoMore() throws Exception {
        BlockingQueue<ByteBuf> contents = new LinkedBlockingQueue<>();
        UringDatagramChannel receiver = Udp.bind(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                contents.add(((DatagramPacket) message).content());
            }
        });
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        byte[] bytes = random(20_000);
        sender.writeAndFlush(packet(bytes, receiver.localAddress())).sync();
        ByteBuf content = contents.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(content.isDirect()).isTrue();
        assertThat(content.readerIndex()).isZero();
        assertThat(content.readableBytes()).isEqualTo(bytes.length);
        content.writeBytes(new byte[] {1, 2, 3});
        assertThat(content.readableBytes()).isEqualTo(bytes.length + 3);
        content.release();
        closeAll(sender, receiver);
    }

    @Test
    void aReadLoopHasAsManyDatagramsAsTheAllocatorSays() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(
                Udp.bootstrap(SocketProtocolFamily.INET, mailbox)
                        .option(ChannelOption.AUTO_READ, false)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(10).maxMessagesPerRead(3)),
                NetUtil.LOCALHOST4);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        for (int i = 0; i < 8; i++) {
            sender.write(packet(random(100), receiver.localAddress()));
        }
        sender.flush();
        await().during(A_WHILE).atMost(LIMIT).until(() -> mailbox.count() == 0);
        int loops = 0;
        while (mailbox.count() < 8) {
            int before = mailbox.count();
            loops++;
            int expected = loops;
            receiver.read();
            await().atMost(LIMIT).until(() -> mailbox.completes() == expected);
            await().during(Duration.ofMillis(20)).atMost(LIMIT).until(() -> mailbox.completes() == expected);
            assertThat(mailbox.count() - before).isBetween(1, 3);
        }
        assertThat(mailbox.mails()).allSatisfy(mail -> assertThat(mail.bytes()).isEqualTo(random(100)));
        closeAll(sender, receiver);
    }

    @Test
    void whatArrivesWhileAutoReadIsOffIsReadLater() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.writeAndFlush(packet(new byte[] {0}, receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        AutoRead.off(receiver);
        for (int i = 1; i < 20; i++) {
            sender.writeAndFlush(packet(new byte[] {(byte) i}, receiver.localAddress()))
                    .sync();
        }
        await().during(A_WHILE).atMost(LIMIT).until(() -> mailbox.count() == 1);
        receiver.config().setAutoRead(true);
        await().atMost(LIMIT).until(() -> mailbox.count() == 20);
        for (int i = 0; i < 20; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly((byte) i);
        }
        closeAll(sender, receiver);
    }

    @Test
    void aConnectedChannelHearsItsPeerAloneUntilItIsDisconnected() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel channel = Udp.bind(mailbox);
        UringDatagramChannel peer = Udp.bind(new Mailbox());
        UringDatagramChannel stranger = Udp.bind(new Mailbox());
        InetSocketAddress local = channel.localAddress();
        channel.connect(peer.localAddress()).sync();
        assertThat(channel.isConnected()).isTrue();
        assertThat(channel.remoteAddress()).isEqualTo(peer.localAddress());
        stranger.writeAndFlush(packet(new byte[] {9}, local)).sync();
        peer.writeAndFlush(packet(new byte[] {1}, local)).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        channel.disconnect().sync();
        assertThat(channel.isConnected()).isFalse();
        assertThat(channel.remoteAddress()).isNull();
        assertThat(channel.localAddress()).isEqualTo(local);
        stranger.writeAndFlush(packet(new byte[] {2}, local)).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 2);
        assertThat(mailbox.mails()).extracting(mail -> mail.bytes()[0]).containsExactly((byte) 1, (byte) 2);
        closeAll(channel, peer, stranger);
    }

    @Test
    void aChannelThatTheKernelBoundKeepsItsPortWhenItIsDisconnected() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel peer = Udp.bind(new Mailbox());
        UringDatagramChannel channel = (UringDatagramChannel) Udp.bootstrap(SocketProtocolFamily.INET, mailbox)
                .connect(peer.localAddress())
                .sync()
                .channel();
        int port = channel.localAddress().getPort();
        assertThat(port).isPositive();
        channel.disconnect().sync();
        assertThat(channel.localAddress().getPort()).isEqualTo(port);
        peer.writeAndFlush(packet(new byte[] {1}, new InetSocketAddress(NetUtil.LOCALHOST4, port)))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        closeAll(channel, peer);
    }

    @Test
    void aPeerThatIsGoneIsReportedAndTheChannelGoesOn() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel channel = Udp.bind(mailbox);
        UringDatagramChannel peer = Udp.bind(new Mailbox());
        InetSocketAddress to = peer.localAddress();
        channel.connect(to).sync();
        closeAll(peer);
        for (int i = 1; i <= 3; i++) {
            int reports = i;
            channel.writeAndFlush(direct((byte) 1)).sync();
            await().atMost(LIMIT).until(() -> mailbox.events().size() == reports);
        }
        assertThat(mailbox.events())
                .allSatisfy(event -> assertThat(event).isInstanceOf(PortUnreachableException.class));
        assertThat(channel.isActive()).isTrue();
        UringDatagramChannel back = (UringDatagramChannel) Udp.bootstrap(SocketProtocolFamily.INET, new Mailbox())
                .bind(to)
                .sync()
                .channel();
        back.writeAndFlush(packet(new byte[] {2}, channel.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        closeAll(channel, back);
    }

    @Test
    @SuppressWarnings("deprecation") // promised all the same
    void constructorsGiveTheFamilyThatTheyAreAskedFor() throws Exception {
        assertThat(new UringDatagramChannel(InternetProtocolFamily.IPv4)).satisfies(DatagramTest::bindsIpv4);
        assertThat(new UringDatagramChannel(SocketProtocolFamily.INET)).satisfies(DatagramTest::bindsIpv4);
        for (UringDatagramChannel channel :
                List.of(new UringDatagramChannel(), new UringDatagramChannel(InternetProtocolFamily.IPv6))) {
            assertThat(channel.localAddress()).isNull();
            assertThat(channel.remoteAddress()).isNull();
            assertThat(channel.isActive()).isFalse();
            Udp.loops().register(channel).sync();
            channel.bind(new InetSocketAddress(NetUtil.LOCALHOST6, 0)).sync();
            closeAll(channel);
        }
    }

    private static void bindsIpv4(UringDatagramChannel channel) throws InterruptedException {
        Udp.loops().register(channel).sync();
        channel.bind(new InetSocketAddress(0)).sync();
        assertThat(channel.localAddress().getAddress()).isInstanceOf(Inet4Address.class);
        closeAll(channel);
    }

    @Test
    void anIpv6ChannelSpeaksIpv4AsWell() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel both = (UringDatagramChannel)
                Udp.bootstrap(null, mailbox).bind(0).sync().channel();
        Mailbox replies = new Mailbox();
        UringDatagramChannel ipv4 = Udp.bind(replies);
        int port = both.localAddress().getPort();
        ipv4.writeAndFlush(packet(new byte[] {1}, new InetSocketAddress(NetUtil.LOCALHOST4, port)))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(mailbox.mail(0).sender()).isEqualTo(ipv4.localAddress());
        both.writeAndFlush(packet(new byte[] {2}, mailbox.mail(0).sender())).sync();
        // and to the wildcard, which is this machine
        both.writeAndFlush(packet(
                        new byte[] {3},
                        new InetSocketAddress("0.0.0.0", ipv4.localAddress().getPort())))
                .sync();
        await().atMost(LIMIT).until(() -> replies.count() == 2);
        closeAll(both, ipv4);
    }

    @Test
    void aChannelThatCountsAsActiveSendsBeforeItIsBound() throws Exception {
        Mailbox mailbox = new Mailbox();
        Mailbox replies = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = (UringDatagramChannel) registered(replies);
        assertThat(sender.isActive()).isTrue();
        sender.writeAndFlush(packet(new byte[] {1}, receiver.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(sender.localAddress().getPort())
                .isEqualTo(mailbox.mail(0).sender().getPort());
        receiver.writeAndFlush(packet(new byte[] {2}, mailbox.mail(0).sender())).sync();
        await().atMost(LIMIT).until(() -> replies.count() == 1);
        closeAll(sender, receiver);
    }

    @SuppressWarnings("deprecation") // Netty has nothing in place of it
    private static Object registered(Mailbox mailbox) throws InterruptedException {
        return Udp.bootstrap(SocketProtocolFamily.INET, mailbox)
                .option(ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, true)
                .register()
                .sync()
                .channel();
    }
}
