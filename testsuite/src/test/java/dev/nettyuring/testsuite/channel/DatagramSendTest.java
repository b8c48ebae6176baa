// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static dev.nettyuring.testsuite.channel.Udp.direct;
import static dev.nettyuring.testsuite.channel.Udp.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When and in which order datagrams go out, and to whom. */
@ExtendWith(TransportInvariants.class)
class DatagramSendTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(100);
    private static final int MESSAGES = 200;

    private final Mailbox mailbox = new Mailbox();
    private final List<ChannelFuture> futures = new ArrayList<>();

    private static void closeAll(UringDatagramChannel... channels) throws InterruptedException {
        for (UringDatagramChannel channel : channels) {
            channel.close().sync();
        }
    }

    private void write(UringDatagramChannel sender, InetSocketAddress to, int messages) {
        for (int i = 0; i < messages; i++) {
            futures.add(sender.write(packet(new byte[] {(byte) i}, to)));
        }
    }

    private void assertArrivedInOrder(int messages) {
        await().atMost(LIMIT).until(() -> mailbox.count() >= messages);
        await().during(A_WHILE).atMost(LIMIT).until(() -> mailbox.count() == messages);
        for (int i = 0; i < messages; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly((byte) i);
        }
    }

    @Test
    void whatIsFlushedIsSentAndReleasedByTheTimeThatTheFlushReturns() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        UringMetrics metrics = UringMetrics.of(sender.eventLoop());
        ByteBuf content = direct((byte) MESSAGES);
        sender.eventLoop()
                .submit(() -> {
                    long before = metrics.enters();
                    write(sender, receiver.localAddress(), MESSAGES);
                    futures.add(sender.write(new DatagramPacket(content, receiver.localAddress())));
                    sender.flush();
                    assertThat(futures).allMatch(Future::isSuccess);
                    assertThat(content.refCnt()).isZero();
                    assertThat(metrics.enters()).as("calls of io_uring_enter").isEqualTo(before);
                })
                .sync();
        assertArrivedInOrder(MESSAGES + 1);
        closeAll(sender, receiver);
    }

    @Test
    void contentThatCannotBeReleasedStopsNoOtherDatagram() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    futures.add(sender.write(new DatagramPacket(new UnreleasableBuf(0), receiver.localAddress())));
                    futures.add(sender.write(packet(new byte[] {1}, receiver.localAddress())));
                    sender.flush();
                })
                .sync();
        futures.add(sender.writeAndFlush(packet(new byte[] {2}, receiver.localAddress())));
        for (ChannelFuture future : futures) {
            assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(future.cause()).isNull();
        }
        assertArrivedInOrder(futures.size());
        closeAll(sender, receiver);
    }

    @Test
    void aFlushSendsAsManyAtOnceAsTheOptionSaysAndTheRestInTheirTurn() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.config().setMaxMessagesPerWrite(3);
        sender.eventLoop()
                .submit(() -> {
                    write(sender, receiver.localAddress(), MESSAGES);
                    sender.flush();
                    assertThat(futures).filteredOn(Future::isDone).hasSize(3);
                })
                .sync();
        assertArrivedInOrder(MESSAGES);
        closeAll(sender, receiver);
    }

    @Test
    void whatWaitsForItsTurnGoesBeforeTheClose() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.config().setMaxMessagesPerWrite(1);
        sender.eventLoop()
                .submit(() -> {
                    write(sender, receiver.localAddress(), 50);
                    sender.flush();
                    sender.close();
                })
                .sync();
        sender.closeFuture().sync();
        assertThat(futures).allMatch(Future::isSuccess);
        assertArrivedInOrder(50);
        closeAll(receiver);
    }

    @Test
    void closingDoesNotWaitForWhatListenersGoOnWriting() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.config().setMaxMessagesPerWrite(1);
        sender.eventLoop().execute(() -> {
            writeOneAfterTheOther(sender, receiver.localAddress());
            sender.close();
        });
        assertThat(sender.closeFuture().await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        closeAll(receiver);
    }

    private static void writeOneAfterTheOther(UringDatagramChannel sender, InetSocketAddress to) {
        ChannelPromise promise = sender.newPromise();
        promise.addListener(sent -> {
            if (sent.isSuccess()) {
                writeOneAfterTheOther(sender, to);
            }
        });
        sender.writeAndFlush(packet(new byte[1], to), promise);
    }

    @Test
    void messagesInPiecesDoNotOvertakeOthersNorTheyThem() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        byte[] bytes = random(MESSAGES + 2);
        for (int i = 0; i < MESSAGES; i++) {
            ByteBuf content = i % 7 == 3
                    ? Unpooled.compositeBuffer()
                            .addComponent(true, direct(bytes[i]))
                            .addComponent(true, direct(bytes[i + 1], bytes[i + 2]))
                    : direct(bytes[i], bytes[i + 1], bytes[i + 2]);
            futures.add(sender.write(new DatagramPacket(content, receiver.localAddress())));
        }
        sender.flush();
        for (ChannelFuture future : futures) {
            future.sync();
        }
        await().atMost(LIMIT).until(() -> mailbox.count() == MESSAGES);
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly(bytes[i], bytes[i + 1], bytes[i + 2]);
        }
        closeAll(sender, receiver);
    }

    @Test
    void aListenerMayWriteMoreAndNothingIsSentTwice() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    write(sender, receiver.localAddress(), 10);
                    futures.get(4).addListener(sent -> {
                        sender.writeAndFlush(packet(new byte[] {10}, receiver.localAddress()));
                        sender.write(packet(new byte[] {11}, receiver.localAddress()));
                    });
                    futures.get(5).addListener(sent -> sender.flush());
                    sender.flush();
                })
                .sync();
        assertArrivedInOrder(12);
        closeAll(sender, receiver);
    }

    private void writeWithoutRecipient(UringDatagramChannel sender, int messages) {
        for (int i = 0; i < messages; i++) {
            futures.add(sender.write(direct((byte) i)));
        }
    }

    @Test
    void messagesThatCannotBeSentAllFailAndThoseBehindThemGo() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    writeWithoutRecipient(sender, MESSAGES);
                    sender.writeAndFlush(packet(new byte[] {0}, receiver.localAddress()));
                })
                .sync();
        await().atMost(LIMIT).until(() -> futures.stream().allMatch(Future::isDone));
        assertThat(futures)
                .allSatisfy(future -> assertThat(future.cause()).isInstanceOf(NotYetConnectedException.class));
        assertArrivedInOrder(1);
        closeAll(sender, receiver);
    }

    @Test
    void whatIsBehindMessagesThatCannotBeSentGoesBeforeTheClose() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    writeWithoutRecipient(sender, MESSAGES);
                    sender.writeAndFlush(packet(new byte[] {0}, receiver.localAddress()));
                    sender.close();
                })
                .sync();
        sender.closeFuture().sync();
        assertThat(futures)
                .allSatisfy(future -> assertThat(future.cause()).isInstanceOf(NotYetConnectedException.class));
        assertArrivedInOrder(1);
        closeAll(receiver);
    }

    /** Netty puts that very buffer in the place of a message that was cancelled. */
    @Test
    void anEmptyBufferBehindAMessageThatWasCancelledIsDone() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.connect(receiver.localAddress()).sync();
        ByteBuf content = direct((byte) MESSAGES);
        sender.eventLoop()
                .submit(() -> {
                    ChannelPromise cancelled = sender.newPromise();
                    sender.write(content, cancelled);
                    assertThat(cancelled.cancel(false)).isTrue();
                    futures.add(sender.writeAndFlush(Unpooled.EMPTY_BUFFER));
                })
                .sync();
        ChannelFuture empty = futures.get(0);
        assertThat(empty.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(empty.cause()).isNull();
        assertThat(content.refCnt()).isZero();
        sender.writeAndFlush(direct((byte) 0)).sync();
        assertArrivedInOrder(1);
        closeAll(sender, receiver);
    }

    /** Messages in pieces go by the ring, several at a time. */
    @Test
    void aListenerToldOfProgressMayFlushAndNothingIsSentTwice() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 10; i++) {
                        ByteBuf content = Unpooled.compositeBuffer()
                                .addComponent(true, direct((byte) i))
                                .addComponent(true, direct((byte) i));
                        ChannelProgressivePromise promise = sender.newProgressivePromise();
                        promise.addListener(new FlushOnProgress(sender));
                        sender.write(new DatagramPacket(content, receiver.localAddress()), promise);
                    }
                    sender.flush();
                })
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() >= 10);
        await().during(A_WHILE).atMost(LIMIT).until(() -> mailbox.count() == 10);
        for (int i = 0; i < 10; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly((byte) i, (byte) i);
        }
        closeAll(sender, receiver);
    }

    private static final class FlushOnProgress implements ChannelProgressiveFutureListener {
        private final UringDatagramChannel channel;

        FlushOnProgress(UringDatagramChannel channel) {
            this.channel = channel;
        }

        @Override
        public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
            channel.flush();
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture future) {}
    }

    @Test
    void aListenerMayCloseTheChannel() throws Exception {
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        sender.eventLoop()
                .submit(() -> {
                    write(sender, receiver.localAddress(), 10);
                    futures.get(4).addListener(sent -> sender.close());
                    sender.flush();
                })
                .sync();
        sender.closeFuture().sync();
        assertThat(futures.subList(0, 5)).allMatch(Future::isSuccess);
        for (ChannelFuture future : futures.subList(5, 10)) {
            assertThat(future.await().cause()).isInstanceOf(ClosedChannelException.class);
        }
        closeAll(receiver);
    }

    /** Answers through another channel. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final UringDatagramChannel through;

        Answer(UringDatagramChannel through) {
            this.through = through;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            through.writeAndFlush(new DatagramPacket(packet.content(), packet.sender()));
        }
    }

    @Test
    void anAddressThatOneFamilysSocketToldServesTheOthers() throws Exception {
        UringDatagramChannel peer = Udp.bind(mailbox);
        UringDatagramChannel ipv4 = Udp.bind(new Mailbox());
        UringDatagramChannel dual = (UringDatagramChannel) Udp.bootstrap(SocketProtocolFamily.INET6, new Answer(ipv4))
                .bind(0)
                .sync()
                .channel();
        int port = dual.localAddress().getPort();
        peer.writeAndFlush(packet(new byte[] {0}, new InetSocketAddress(NetUtil.LOCALHOST4, port)))
                .sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 1);
        assertThat(mailbox.mail(0).sender()).isEqualTo(ipv4.localAddress());

        UringDatagramChannel ipv4ToDual = Udp.bind(new Answer(dual));
        peer.writeAndFlush(packet(new byte[] {1}, ipv4ToDual.localAddress())).sync();
        await().atMost(LIMIT).until(() -> mailbox.count() == 2);
        assertThat(mailbox.mail(1).sender().getPort()).isEqualTo(port);
        assertThat(mailbox.mail(1).sender().getAddress()).isInstanceOf(Inet4Address.class);
        closeAll(peer, ipv4, dual, ipv4ToDual);
    }

    @Test
    void manyPeersAreAnsweredEachAtItsOwnAddress() throws Exception {
        UringDatagramChannel echo = Udp.bind(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                DatagramPacket packet = (DatagramPacket) message;
                context.write(new DatagramPacket(packet.content(), packet.sender()));
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                context.flush();
            }
        });
        List<Mailbox> mailboxes = new ArrayList<>();
        List<UringDatagramChannel> peers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            mailboxes.add(new Mailbox());
            peers.add(Udp.bind(mailboxes.get(i)));
        }
        for (int round = 1; round <= 3; round++) {
            int expected = round;
            for (int i = 0; i < peers.size(); i++) {
                peers.get(i)
                        .writeAndFlush(packet(new byte[] {(byte) i}, echo.localAddress()))
                        .sync();
            }
            await().atMost(LIMIT).until(() -> mailboxes.stream().allMatch(box -> box.count() == expected));
        }
        for (int i = 0; i < peers.size(); i++) {
            byte number = (byte) i;
            assertThat(mailboxes.get(i).mails())
                    .allSatisfy(mail -> assertThat(mail.bytes()).containsExactly(number));
        }
        closeAll(peers.toArray(new UringDatagramChannel[0]));
        closeAll(echo);
    }
}
