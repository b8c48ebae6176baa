// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static dev.nettyuring.testsuite.channel.Udp.direct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDatagramPacket;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams that the kernel cuts (generic segmentation offload), and joins (generic receive offload). */
@ExtendWith(TransportInvariants.class)
class DatagramSegmentTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SEGMENT = 512;
    private static final int SEGMENTS = 16;
    private static final byte[] BYTES = random(SEGMENT * (SEGMENTS - 1) + 100);
    /** Without checksums the kernel refuses to cut. */
    private static final IntegerUnixChannelOption SO_NO_CHECK = new IntegerUnixChannelOption("SO_NO_CHECK", 1, 11);

    private static void assertSegments(Mailbox mailbox) {
        for (int i = 0; i < SEGMENTS; i++) {
            assertThat(mailbox.mail(i).bytes())
                    .isEqualTo(Arrays.copyOfRange(BYTES, i * SEGMENT, Math.min(BYTES.length, (i + 1) * SEGMENT)));
        }
    }

    private static void closeAll(UringDatagramChannel... channels) throws InterruptedException {
        for (UringDatagramChannel channel : channels) {
            channel.close().sync();
        }
    }

    @ParameterizedTest
    @CsvSource({"INET,false,false", "INET,true,false", "INET,false,true", "INET,true,true", "INET6,false,true"})
    void aSegmentedPacketArrivesAsOneDatagramASegment(SocketProtocolFamily family, boolean composite, boolean gro)
            throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver =
                Udp.bind(Udp.bootstrap(family, mailbox).option(UringChannelOption.UDP_GRO, gro), Udp.loopback(family));
        UringDatagramChannel sender = Udp.bind(family, new Mailbox());
        long before = UringMetrics.of(receiver.eventLoop()).completions();
        sender.writeAndFlush(new SegmentedDatagramPacket(
                        composite ? composite() : direct(BYTES), SEGMENT, receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == SEGMENTS);
        assertSegments(mailbox);
        assertThat(mailbox.mails()).allSatisfy(mail -> {
            assertThat(mail.segmentSize()).isEqualTo(-1);
            assertThat(mail.sender()).isEqualTo(sender.localAddress());
        });
        if (gro) {
            assertThat(UringMetrics.of(receiver.eventLoop()).completions() - before)
                    .as("the kernel joined them")
                    .isLessThan(SEGMENTS);
        }
        closeAll(sender, receiver);
    }

    private static CompositeByteBuf composite() {
        CompositeByteBuf composite = Unpooled.compositeBuffer(100);
        for (int from = 0; from < BYTES.length; from += 700) {
            composite.addComponent(true, direct(Arrays.copyOfRange(BYTES, from, Math.min(BYTES.length, from + 700))));
        }
        return composite;
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void joinedDatagramsAreReadAsOnePacketWhenThatIsAskedFor(boolean marked) throws Exception {
        Mailbox mailbox = new Mailbox();
        Bootstrap bootstrap = Udp.bootstrap(SocketProtocolFamily.INET, mailbox)
                .option(UringChannelOption.UDP_GRO, true)
                .option(UringChannelOption.UDP_GRO_SEGMENTED, true)
                .option(UringChannelOption.IP_RECVTOS, marked);
        UringDatagramChannel receiver = Udp.bind(bootstrap, Udp.loopback(SocketProtocolFamily.INET));
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.writeAndFlush(new UringDatagramPacket(direct(BYTES), 2, SEGMENT, receiver.localAddress(), null))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(mailbox.mail(0).bytes()).isEqualTo(BYTES);
        assertThat(mailbox.mail(0).segmentSize()).isEqualTo(SEGMENT);
        assertThat(mailbox.mail(0).trafficClass()).isEqualTo(marked ? 2 : -1);
        closeAll(sender, receiver);
    }

    /** Of 16 messages, by default, in a read loop. */
    @Test
    void joinedDatagramsCountAsTheDatagramsThatTheyAre() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        ChannelHandler handler = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ((DatagramPacket) message).release();
                events.add("read");
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                events.add("complete");
            }
        };
        Bootstrap bootstrap = Udp.bootstrap(SocketProtocolFamily.INET, handler)
                .option(ChannelOption.AUTO_READ, false)
                .option(UringChannelOption.UDP_GRO, true)
                .option(UringChannelOption.UDP_GRO_SEGMENTED, true);
        UringDatagramChannel receiver = Udp.bind(bootstrap, Udp.loopback(SocketProtocolFamily.INET));
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        for (int burst = 0; burst < 3; burst++) {
            sender.writeAndFlush(new SegmentedDatagramPacket(direct(BYTES), SEGMENT, receiver.localAddress()))
                    .sync();
        }
        receiver.config().setAutoRead(true);
        await().atMost(LIMIT).until(() -> events.size() >= 6);
        assertThat(events).containsExactly("read", "complete", "read", "complete", "read", "complete");
        closeAll(sender, receiver);
    }

    @Test
    void whereTheKernelRefusesToCutTheSegmentsGoOneByOne() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.config().setOption(SO_NO_CHECK, 1);
        for (int packet = 0; packet < 3; packet++) {
            int expected = (packet + 1) * SEGMENTS;
            sender.writeAndFlush(new SegmentedDatagramPacket(
                            packet == 1 ? composite() : direct(BYTES), SEGMENT, receiver.localAddress()))
                    .sync();
            await().atMost(LIMIT).until(() -> mailbox.count() == expected);
        }
        assertSegments(mailbox);
        closeAll(sender, receiver);
    }

    @Test
    void aConnectedChannelSendsSegmentsToo() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.connect(receiver.localAddress()).sync();
        sender.config().setOption(SO_NO_CHECK, 1);
        sender.writeAndFlush(new SegmentedDatagramPacket(direct(BYTES), SEGMENT, receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == SEGMENTS);
        assertSegments(mailbox);
        closeAll(sender, receiver);
    }

    @Test
    void moreSegmentsThanTheKernelCutsAtOnceGoOutAllTheSame() throws Exception {
        AtomicInteger bytes = new AtomicInteger();
        AtomicInteger datagrams = new AtomicInteger();
        UringDatagramChannel receiver = Udp.bind(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                DatagramPacket packet = (DatagramPacket) message;
                bytes.addAndGet(packet.content().readableBytes());
                datagrams.incrementAndGet();
                packet.release();
            }
        });
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        // 150 times ten bytes, and more than a datagram's 64 KiB
        sender.writeAndFlush(new SegmentedDatagramPacket(direct(random(1495)), 10, receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> datagrams.get() == 150);
        assertThat(bytes).hasValue(1495);
        sender.writeAndFlush(new SegmentedDatagramPacket(direct(random(80_000)), 8000, receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> datagrams.get() == 160);
        assertThat(bytes).hasValue(81_495);
        closeAll(sender, receiver);
    }

    @Test
    void aSegmentOfTheWholeLengthIsAnOrdinaryDatagram() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.write(new SegmentedDatagramPacket(direct(BYTES), BYTES.length, receiver.localAddress()));
        sender.write(new SegmentedDatagramPacket(direct(), 100, receiver.localAddress()));
        sender.writeAndFlush(
                        new SegmentedDatagramPacket(Unpooled.wrappedBuffer(BYTES), 60_000, receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 3);
        assertThat(mailbox.mail(0).bytes()).isEqualTo(BYTES);
        assertThat(mailbox.mail(1).bytes()).isEmpty();
        assertThat(mailbox.mail(2).bytes()).isEqualTo(BYTES);
        closeAll(sender, receiver);
    }
}
