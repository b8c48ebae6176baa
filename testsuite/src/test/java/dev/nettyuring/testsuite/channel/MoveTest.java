// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Channels that leave their event loop, with something going on, and go on on another. */
@ExtendWith(TransportInvariants.class)
class MoveTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long PAUSE_NANOS = 20_000;
    /** For what was sent to be there. */
    private static final int ARRIVAL_MILLIS = 100;

    private static void move(Channel channel, EventLoopGroup to) throws Exception {
        channel.deregister().sync();
        to.next().register(channel).sync();
    }

    private static EventLoopGroup loop(UringConfig config) {
        return new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config));
    }

    private static void end(EventLoopGroup... groups) throws InterruptedException {
        for (EventLoopGroup group : groups) {
            assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    /** Every connection has its own letter: a piece cut from the wrong place of a shared buffer shows. */
    @Test
    void theOthersOnTheLoopGetTheirOwnBytes() throws Exception {
        int connections = 8;
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicLong received = new AtomicLong();
        List<Socket> clients = new ArrayList<>();
        List<Thread> senders = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(first), () -> new ChannelInboundHandlerAdapter() {
            private int letter;

            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ByteBuf buf = (ByteBuf) message;
                received.addAndGet(buf.readableBytes());
                for (byte next : ByteBufUtil.getBytes(buf)) {
                    letter = letter == 0 ? next : letter;
                    if (next != letter) {
                        wrong.add((char) next + " at the connection of " + (char) letter);
                    }
                }
                buf.release();
            }
        })) {
            List<Channel> channels = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                Socket client = tcp.connect();
                clients.add(client);
                channels.add(tcp.accepted());
                byte[] bytes = new byte[100 + 37 * i];
                Arrays.fill(bytes, (byte) ('a' + i));
                Thread sender = new Thread(() -> sendUntilClosed(client, bytes));
                sender.start();
                senders.add(sender);
            }
            for (int i = 0; i < 100; i++) {
                Channel channel = channels.get(i % connections);
                move(channel, second);
                move(channel, first);
            }
            long before = received.get();
            await().atMost(LIMIT).until(() -> received.get() > before + 100_000);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
            for (Thread sender : senders) {
                sender.join(LIMIT.toMillis());
            }
            end(first, second);
        }
        assertThat(wrong).isEmpty();
    }

    private static void sendUntilClosed(Socket client, byte[] bytes) {
        try {
            OutputStream out = client.getOutputStream();
            while (true) {
                out.write(bytes);
                LockSupport.parkNanos(PAUSE_NANOS); // so that pieces are small, and many share a buffer
            }
        } catch (IOException closed) {
            // the end
        }
    }

    @Test
    void aChannelThatWaitedForMemoryReadsOnAtOnceOnALoopThatHasSome() throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "there is no limit without the kernel's buffer rings");
        UringConfig tiny = UringConfig.builder()
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(4096)
                .exhaustion(UringConfig.Exhaustion.PAUSE)
                .build();
        EventLoopGroup poor = loop(tiny);
        EventLoopGroup rich =
                loop(UringConfig.builder().receiveMemoryLimit(256 << 20).build());
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        AtomicLong received = new AtomicLong();
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(poor), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        kept.add((ByteBuf) message);
                        received.addAndGet(((ByteBuf) message).readableBytes());
                    }
                });
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            client.getOutputStream().write(new byte[50_000]);
            await().during(Duration.ofMillis(200)).atMost(LIMIT).until(() -> received.get() == 4096);
            move(channel, rich);
            await().atMost(LIMIT).until(() -> received.get() == 50_000);
            releaseAll(kept);
            client.getOutputStream().write(new byte[50_000]);
            await().atMost(LIMIT).until(() -> received.get() == 100_000);
            channel.close().sync();
            releaseAll(kept);
        } finally {
            end(poor, rich);
        }
    }

    private static void releaseAll(Queue<ByteBuf> kept) {
        for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
            buf.release();
        }
    }

    @Test
    void whatComesAsTheChannelLeavesIsReadOnTheNewLoop() throws Exception {
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        Collector collector = new Collector();
        ServerBootstrap bootstrap = new ServerBootstrap().group(first).childOption(ChannelOption.AUTO_READ, false);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> collector);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            readAndLeave(channel, () -> client.getOutputStream().write(1));
            second.next().register(channel).sync();
            await().atMost(LIMIT).until(() -> collector.count() == 1);
            channel.close().sync();
        } finally {
            end(first, second);
        }
    }

    /** In one task: the kernel hears of the read as the channel leaves its loop, when what is to be read has come. */
    private static void readAndLeave(Channel channel, Background.Task arrival) throws Exception {
        ChannelFuture left = channel.eventLoop()
                .submit(() -> {
                    channel.read();
                    arrival.run();
                    TimeUnit.MILLISECONDS.sleep(ARRIVAL_MILLIS);
                    return channel.deregister();
                })
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(left.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDatagramThatComesAsTheChannelLeavesIsReadOnTheNewLoop() throws Exception {
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        Mailbox mailbox = new Mailbox();
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            UringDatagramChannel channel = Udp.bind(
                    Udp.bootstrap(first, SocketProtocolFamily.INET, mailbox).option(ChannelOption.AUTO_READ, false),
                    NetUtil.LOCALHOST4);
            readAndLeave(channel, () -> peer.send(new DatagramPacket(new byte[1], 1, channel.localAddress())));
            second.next().register(channel).sync();
            await().atMost(LIMIT).until(() -> mailbox.count() == 1);
            channel.close().sync();
        } finally {
            end(first, second);
        }
    }

    @Test
    void aServerThatIsToAcceptOneConnectionAcceptsItOnTheNewLoop() throws Exception {
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        ServerBootstrap bootstrap = new ServerBootstrap().group(first).option(ChannelOption.AUTO_READ, false);
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new)) {
            tcp.server().read();
            move(tcp.server(), second);
            try (Socket client = tcp.connect()) {
                tcp.accepted().close().sync();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            end(first, second);
        }
    }

    @Test
    void aConnectionThatComesAsTheServerLeavesIsAcceptedOnTheNewLoop() throws Exception {
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        ServerBootstrap bootstrap = new ServerBootstrap().group(first).option(ChannelOption.AUTO_READ, false);
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new);
                Socket client = new Socket()) {
            client.setSoTimeout((int) LIMIT.toMillis());
            readAndLeave(tcp.server(), () -> client.connect(tcp.address(), (int) LIMIT.toMillis()));
            second.next().register(tcp.server()).sync();
            tcp.accepted().close().sync();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } finally {
            end(first, second);
        }
    }

    @Test
    void aRegionThatHasNothingToGiveAtTheMomentGoesOnOnTheNewLoopAlone() throws Exception {
        EventLoopGroup first = loop(UringConfig.DEFAULT);
        EventLoopGroup second = loop(UringConfig.DEFAULT);
        HesitantRegion region = new HesitantRegion();
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(first), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.writeAndFlush(region);
            await().atMost(LIMIT).until(() -> region.asked.get() > 3);
            move(channel, second);
            region.loop = channel.eventLoop();
            long asked = region.asked.get();
            await().atMost(LIMIT).until(() -> region.asked.get() > asked + 20);
            region.ready = true;
            assertThat(client.getInputStream().read()).isEqualTo(HesitantRegion.CONTENT);
            assertThat(region.wrongThread).hasValue(null);
            channel.close().sync();
        } finally {
            end(first, second);
        }
    }

    /** One byte, when it is ready. */
    private static final class HesitantRegion extends AbstractReferenceCounted implements FileRegion {
        static final int CONTENT = 7;

        final AtomicLong asked = new AtomicLong();
        final AtomicReference<Thread> wrongThread = new AtomicReference<>();
        volatile io.netty.channel.EventLoop loop;
        volatile boolean ready;
        private volatile long transferred;

        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            asked.incrementAndGet();
            if (loop != null && !loop.inEventLoop()) {
                wrongThread.set(Thread.currentThread());
            }
            if (!ready) {
                return 0;
            }
            transferred = 1;
            return target.write(ByteBuffer.wrap(new byte[] {CONTENT}));
        }

        @Override
        public long position() {
            return 0;
        }

        @Override
        @Deprecated
        public long transfered() {
            return transferred;
        }

        @Override
        public long transferred() {
            return transferred;
        }

        @Override
        public long count() {
            return 1;
        }

        @Override
        protected void deallocate() {}

        @Override
        public FileRegion retain() {
            super.retain();
            return this;
        }

        @Override
        public FileRegion retain(int increment) {
            super.retain(increment);
            return this;
        }

        @Override
        public FileRegion touch() {
            return this;
        }

        @Override
        public FileRegion touch(Object hint) {
            return this;
        }
    }
}
