// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Peers that have closed their output and do not read what they are sent: whatever waits for such a socket is told of the close
 * at once, and must neither keep the loop busy nor take threads of the kernel's, of which there are few.
 */
@ExtendWith(TransportInvariants.class)
class HalfClosedPeerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** More than there are threads for files. */
    private static final int PEERS = 8;

    private static final int BYTES = 16 << 20;
    private static final int QUIET_MILLIS = 500;
    private static final int MOST_TURNS = 100;

    @TempDir
    private static Path folder;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    private final ServerBootstrap bootstrap =
            new ServerBootstrap().group(loops).childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    private final List<Socket> peers = new ArrayList<>();
    private File file;

    /** What each peer is sent. */
    private enum Kind {
        BUFFER {
            @Override
            Object message(File file) {
                return Unpooled.directBuffer(BYTES).writeZero(BYTES);
            }
        },
        FILE {
            @Override
            Object message(File file) {
                return new DefaultFileRegion(file, 0, file.length());
            }
        };

        abstract Object message(File file);
    }

    @BeforeEach
    void writeFile() throws IOException {
        file = folder.resolve("zeros").toFile();
        Files.write(file.toPath(), new byte[BYTES]);
    }

    @AfterEach
    void end() throws Exception {
        for (Socket peer : peers) {
            peer.close();
        }
        loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
    }

    @ParameterizedTest
    @CsvSource({"BUFFER, false", "BUFFER, true", "FILE, false", "FILE, true"})
    void thatDoesNotReadKeepsNobodyBusy(Kind kind, boolean sentBefore) throws Exception {
        try (Tcp tcp = Tcp.serve(bootstrap, () -> new Sender(kind, file, sentBefore))) {
            for (int i = 0; i < PEERS; i++) {
                peers.add(tcp.connect());
            }
            Thread.sleep(QUIET_MILLIS); // as much is sent as there is room for
            shutDownOutputs();
            assertThatNobodyIsBusy(tcp, kind);
            assertThatAllArrives();
        }
    }

    /** Between two reads into a buffer of the user's nobody looks whether the peer has closed. */
    @ParameterizedTest
    @CsvSource({"BUFFER, false", "BUFFER, true", "FILE, false", "FILE, true"})
    void thatIsReadFromPastThePipelineKeepsNobodyBusy(Kind kind, boolean sentBefore) throws Exception {
        bootstrap.childOption(ChannelOption.AUTO_READ, false);
        List<Channel> channels = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new)) {
            for (int i = 0; i < PEERS; i++) {
                Socket peer = tcp.connect();
                peers.add(peer);
                UringSocketChannel channel = (UringSocketChannel) tcp.accepted();
                channels.add(channel);
                readIntoOwnBuffer(channel, peer);
            }
            if (sentBefore) {
                sendToAll(channels, kind);
                Thread.sleep(QUIET_MILLIS); // as much as there is room for
            }
            shutDownOutputs();
            if (!sentBefore) {
                sendToAll(channels, kind);
            }
            assertThatNobodyIsBusy(tcp, kind);
            assertThatAllArrives();
        }
    }

    private static void readIntoOwnBuffer(UringSocketChannel channel, Socket peer) throws Exception {
        ByteBuf own = Unpooled.directBuffer(1, 1);
        Future<ByteBuf> read = channel.readInto(own);
        peer.getOutputStream().write(1);
        assertThat(read.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(read.cause()).isNull();
        own.release();
    }

    private void sendToAll(List<Channel> channels, Kind kind) {
        for (Channel channel : channels) {
            channel.writeAndFlush(kind.message(file)).addListener(sent -> channel.close());
        }
    }

    private void shutDownOutputs() throws IOException {
        for (Socket peer : peers) {
            peer.shutdownOutput();
        }
    }

    private static void assertThatNobodyIsBusy(Tcp tcp, Kind kind) throws Exception {
        Thread.sleep(QUIET_MILLIS);
        EventLoop loop = tcp.server().eventLoop();
        String threadId = loop.submit(KernelWorkers::threadId).sync().getNow();
        long turns = UringMetrics.of(loop).turns();
        Thread.sleep(QUIET_MILLIS);
        assertThat(UringMetrics.of(loop).turns() - turns).as("turns").isLessThan(MOST_TURNS);
        if (kind == Kind.BUFFER) { // a file may need some; those that are idle end after 5 s, but the last
            await("threads of the kernel's").atMost(LIMIT).until(() -> KernelWorkers.count(threadId) <= 1);
        }
    }

    private void assertThatAllArrives() throws IOException {
        for (Socket peer : peers) {
            assertThat(peer.getInputStream().readAllBytes()).hasSize(BYTES);
        }
    }

    private static final class Sender extends ChannelInboundHandlerAdapter {
        private final Kind kind;
        private final File file;
        private final boolean atOnce;

        Sender(Kind kind, File file, boolean atOnce) {
            this.kind = kind;
            this.file = file;
            this.atOnce = atOnce;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (atOnce) {
                send(context);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (!atOnce && event instanceof ChannelInputShutdownEvent) {
                send(context);
            }
        }

        private void send(ChannelHandlerContext context) {
            context.writeAndFlush(kind.message(file)).addListener(sent -> context.close());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }
    }
}
