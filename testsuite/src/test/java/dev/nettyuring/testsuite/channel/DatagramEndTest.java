// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static dev.nettyuring.testsuite.channel.Udp.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Channels of datagrams that end, or move, with everything in flight. */
@ExtendWith(TransportInvariants.class)
class DatagramEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void whatWasFlushedGoesBeforeTheClose() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        for (int i = 0; i < 20; i++) {
            UringDatagramChannel sender = Udp.bind(new Mailbox());
            List<ChannelFuture> writes = new ArrayList<>();
            sender.eventLoop()
                    .submit(() -> {
                        for (int j = 0; j < 10; j++) {
                            writes.add(sender.writeAndFlush(packet(random(j), receiver.localAddress())));
                        }
                        sender.close();
                    })
                    .sync();
            for (ChannelFuture write : writes) {
                write.sync();
            }
            sender.closeFuture().sync();
            int expected = 10 * (i + 1);
            await().atMost(LIMIT).until(() -> mailbox.count() == expected);
        }
        receiver.close().sync();
    }

    /** The socket's own buffer is full, so that sends wait: closing ends them, and their buffers are released. */
    @Test
    void sendsThatWaitForRoomEndWithTheChannel() throws Exception {
        UringDatagramChannel receiver = Udp.bind(new Mailbox());
        UringDatagramChannel sender = Udp.bind(
                Udp.bootstrap(SocketProtocolFamily.INET, new Mailbox()).option(ChannelOption.SO_SNDBUF, 2304),
                NetUtil.LOCALHOST4);
        List<ByteBuf> buffers = new ArrayList<>();
        List<ChannelFuture> writes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            ByteBuf buffer = Udp.direct(random(20_000));
            buffers.add(buffer);
            writes.add(sender.write(new DatagramPacket(buffer, receiver.localAddress())));
        }
        sender.flush();
        sender.close().sync();
        for (ChannelFuture write : writes) {
            write.await();
            assertThat(write.isSuccess() || write.cause() instanceof ClosedChannelException)
                    .as("%s", write.cause())
                    .isTrue();
        }
        assertThat(sender.writeAndFlush(Udp.direct((byte) 1)).await().cause())
                .isInstanceOf(ClosedChannelException.class);
        await().atMost(LIMIT).until(() -> buffers.stream().allMatch(buffer -> buffer.refCnt() == 0));
        receiver.close().sync();
    }

    @Test
    void channelsCloseAtAnyMomentWhilePeersGoOnSending() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Queue<InetSocketAddress> targets = new ConcurrentLinkedQueue<>();
        Background flood = Background.run(() -> flood(over, targets));
        try {
            for (int round = 0; round < 100; round++) {
                AtomicInteger read = new AtomicInteger();
                int wanted = round % 7;
                boolean closesItself = round % 2 == 0;
                UringDatagramChannel channel = Udp.bind(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        DatagramPacket packet = (DatagramPacket) message;
                        context.writeAndFlush(new DatagramPacket(packet.content(), packet.sender()));
                        if (read.incrementAndGet() >= wanted && closesItself) {
                            context.close();
                        }
                    }
                });
                targets.add(channel.localAddress());
                await().atMost(LIMIT).until(() -> read.get() >= wanted);
                channel.close().sync();
                targets.clear();
            }
        } finally {
            over.set(true);
            flood.join();
        }
    }

    private static void flood(AtomicBoolean over, Queue<InetSocketAddress> targets) throws Exception {
        Random sizes = new Random(1);
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            while (!over.get()) {
                InetSocketAddress target = targets.peek();
                if (target == null) {
                    Thread.onSpinWait();
                } else {
                    byte[] bytes = new byte[sizes.nextInt(5000)];
                    socket.send(new java.net.DatagramPacket(bytes, bytes.length, target));
                }
            }
        }
    }

    @Test
    void aChannelThatMovesBetweenLoopsLosesNothing() throws Exception {
        Mailbox mailbox = new Mailbox();
        UringDatagramChannel receiver = Udp.bind(mailbox);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        int sent = 0;
        for (int round = 0; round < 50; round++) {
            List<ChannelFuture> writes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                writes.add(sender.write(packet(new byte[] {(byte) sent++}, receiver.localAddress())));
            }
            sender.flush();
            move(round % 2 == 0 ? receiver : sender);
            for (ChannelFuture write : writes) {
                write.sync();
            }
            int expected = sent;
            await().atMost(LIMIT).until(() -> mailbox.count() == expected);
        }
        for (int i = 0; i < sent; i++) {
            assertThat(mailbox.mail(i).bytes()).containsExactly((byte) i);
        }
        sender.close().sync();
        receiver.close().sync();
    }

    private static void move(UringDatagramChannel channel) throws InterruptedException {
        EventLoop before = channel.eventLoop();
        channel.deregister().sync();
        Iterator<?> loops = Udp.loops().iterator();
        EventLoop next = before;
        while (next == before) {
            next = (EventLoop) loops.next();
        }
        next.register(channel).sync();
    }

    @Test
    void aLoopEndsWithDatagramsInEveryState() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        UringMetrics metrics = UringMetrics.of(group.next());
        Queue<DatagramPacket> kept = new ConcurrentLinkedQueue<>();
        UringDatagramChannel receiver = Udp.bind(
                Udp.bootstrap(group, SocketProtocolFamily.INET, new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        kept.add((DatagramPacket) message);
                    }
                }),
                NetUtil.LOCALHOST4);
        UringDatagramChannel sender = Udp.bind(new Mailbox());
        for (int i = 0; i < 10; i++) {
            sender.write(packet(random(3000), receiver.localAddress()));
        }
        sender.flush();
        await().atMost(LIMIT).until(() -> !kept.isEmpty());
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(metrics.operationsInFlight()).isZero();
        for (DatagramPacket packet = kept.poll(); packet != null; packet = kept.poll()) {
            byte[] bytes = new byte[3000];
            packet.content().readBytes(bytes).release();
            assertThat(bytes).isEqualTo(random(3000));
        }
        sender.close().sync();
    }
}
