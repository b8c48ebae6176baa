// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringFile;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.ring.Feature;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ResourceLeakDetector;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Netty's leak detector says of received bytes that nobody released: which channel's they are, and what received them.
 * The loops are no other test's, since what leaks is theirs for ever.
 */
class LeakHintTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final BlockingQueue<String> channels = new LinkedBlockingQueue<>();
    private EventLoopGroup group;

    /** Forgets what it reads, but for so many messages in between, and says on which channel. */
    private final class Forgetful extends ChannelInboundHandlerAdapter {
        private final int remembers;
        private int read;

        Forgetful(int remembers) {
            this.remembers = remembers;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (read++ % (remembers + 1) == remembers) {
                channels.add(context.channel().toString());
            } else {
                ReferenceCountUtil.release(message);
            }
        }
    }

    @BeforeEach
    void findOldLeaks() throws InterruptedException {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        Leaks.find();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (group != null) {
            group.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
        }
        Leaks.find();
    }

    private void begin(IoHandlerFactory factory) {
        group = new MultiThreadIoEventLoopGroup(1, factory);
    }

    private static IoHandlerFactory withBufferRings(UringConfig config) {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        return UringIoHandler.newFactory(config);
    }

    private static IoHandlerFactory withoutBufferRings() {
        return OlderKernel.withoutBufferRings(UringConfig.DEFAULT);
    }

    private static void assertReported(String hint) {
        List<String> reports = new ArrayList<>();
        await().pollInSameThread().atMost(LIMIT).untilAsserted(() -> {
            reports.addAll(Leaks.find());
            assertThat(reports).anySatisfy(report -> assertThat(report).contains("Hint: " + hint));
        });
    }

    private void forgetStream(int remembered, int bytes) throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Forgetful(remembered));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write(new byte[bytes]);
            assertReported("RECV on " + channels.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    private void forgetDatagram() throws Exception {
        Channel channel = new Bootstrap()
                .group(group)
                .channel(UringDatagramChannel.class)
                .handler(new Forgetful(0))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        try (DatagramSocket client = new DatagramSocket()) {
            client.send(new DatagramPacket(new byte[100], 100, (InetSocketAddress) channel.localAddress()));
            assertReported("RECVMSG on " + channels.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void streams() throws Exception {
        begin(withBufferRings(UringConfig.DEFAULT));
        forgetStream(0, 1);
    }

    @Test
    void bulk() throws Exception {
        int bytes = 64 << 20;
        // what is forgotten does not come back, so that all of it must have room
        begin(withBufferRings(UringConfig.builder()
                .receiveBufferSize(64 << 10)
                .receiveBuffers(16)
                .receiveMemoryLimit(bytes)
                .build()));
        forgetStream(100, bytes);
    }

    @Test
    void streamsWithoutBufferRings() throws Exception {
        begin(withoutBufferRings());
        forgetStream(0, 1);
    }

    @Test
    void datagrams() throws Exception {
        begin(withBufferRings(UringConfig.DEFAULT));
        forgetDatagram();
    }

    @Test
    void datagramsWithoutBufferRings() throws Exception {
        begin(withoutBufferRings());
        forgetDatagram();
    }

    @Test
    void filesReadIntoABufferOfTheUsers(@TempDir Path folder) throws Exception {
        begin(UringIoHandler.newFactory());
        Path path = Files.write(folder.resolve("file"), new byte[100]);
        UringFile file = UringFile.open(group.next(), path).sync().getNow();
        file.read(UnpooledByteBufAllocator.DEFAULT.directBuffer(100), 0).sync();
        assertReported("READ of " + path);
        file.close().sync();
    }
}
