// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringConfig.Exhaustion;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.StandingLoop;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that resets the connection right after it has sent something: that arrives, and then the channel fails, however
 * much there is and whenever it is received. The kernel wakes a receive for both together, and may take them for one: kernels
 * without its mend (liburing 1549) at any time, and 6.18.44 if there was no buffer, or more than it receives at a time. And one
 * that resets it behind the end of what it sends, when nothing is left to be received.
 */
@ExtendWith(TransportInvariants.class)
class ResetTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Counts what arrives, keeps it if asked to, and closes on failure. */
    private static final class Receiver extends ChannelInboundHandlerAdapter {
        private final AtomicInteger received = new AtomicInteger();
        private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        private volatile boolean keeps;
        private volatile Throwable failure;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buf = (ByteBuf) message;
            received.addAndGet(buf.readableBytes());
            if (keeps) {
                kept.add(buf);
            } else {
                buf.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failure = cause;
            context.close();
        }

        private void awaitBytes(int count) {
            await().atMost(LIMIT).untilAtomic(received, org.hamcrest.Matchers.equalTo(count));
        }

        private void releaseKept() {
            for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
                buf.release();
            }
        }
    }

    private final Receiver receiver = new Receiver();

    private interface Shutdown {
        void run() throws IOException;
    }

    private interface Course {
        void run(Channel channel, Socket peer) throws Exception;
    }

    private void with(UringConfig config, boolean autoRead, Course course) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config));
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).childOption(ChannelOption.AUTO_READ, autoRead);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> receiver);
                Socket peer = tcp.connect()) {
            course.run(tcp.accepted(), peer);
        } finally {
            receiver.releaseKept();
            loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
        }
    }

    private static void sendAndReset(Socket peer, int bytes) throws IOException {
        peer.getOutputStream().write(new byte[bytes]);
        reset(peer);
    }

    private static void reset(Socket peer) throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    private static void assertCloses(Channel channel) throws InterruptedException {
        assertThat(channel.closeFuture().await(LIMIT.toMillis())).as("closed").isTrue();
    }

    /** Has the channel's input shut down, mostly by the peer. */
    private static void halfClose(Channel channel, Shutdown shutdown) throws Exception {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        shutdown.run();
        await().atMost(LIMIT).until(((DuplexChannel) channel)::isInputShutdown);
        assertThat(channel.isOpen()).isTrue();
    }

    private void assertReset(Channel channel, int bytes) throws InterruptedException {
        assertCloses(channel);
        assertThat(receiver.received).hasValue(bytes);
        assertThat(receiver.failure).isInstanceOf(IOException.class).hasMessageContaining("reset");
    }

    @RepeatedTest(20)
    void behindAFewBytes() throws Exception {
        with(UringConfig.DEFAULT, true, (channel, peer) -> {
            peer.getOutputStream().write(0);
            receiver.awaitBytes(1);
            try (StandingLoop standing = new StandingLoop(channel.eventLoop())) {
                sendAndReset(peer, 4);
            }
            assertReset(channel, 5);
        });
    }

    @Test
    void behindBytesThatThereIsNoBufferForYet() throws Exception {
        int size = 64 << 10;
        int limit = 4 * size;
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(size)
                .receiveBuffers(2)
                .receiveMemoryLimit(limit)
                .exhaustion(Exhaustion.PAUSE)
                .build();
        with(config, true, (channel, peer) -> {
            receiver.keeps = true;
            peer.getOutputStream().write(new byte[limit]);
            UringMetrics metrics = UringMetrics.of(channel.eventLoop());
            await().atMost(LIMIT).until(() -> receiver.received.get() == limit || metrics.bufferExhaustions() > 0);
            sendAndReset(peer, 4);
            receiver.keeps = false;
            receiver.releaseKept();
            assertReset(channel, limit + 4);
        });
    }

    @Test
    void behindMoreThanTheKernelReceivesAtATime() throws Exception {
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(1 << 10)
                .receiveBuffers(64)
                .receiveMemoryLimit(1 << 20)
                .build();
        with(config, false, (channel, peer) -> {
            try (StandingLoop standing = new StandingLoop(channel.eventLoop())) {
                sendAndReset(peer, 40 << 10);
                channel.config().setAutoRead(true);
            }
            assertReset(channel, 40 << 10);
        });
    }

    /** Nobody reads: the poll alone tells. */
    @Test
    void behindWhatNobodyWants() throws Exception {
        with(UringConfig.DEFAULT, false, (channel, peer) -> {
            sendAndReset(peer, 40 << 10);
            assertReset(channel, 40 << 10);
        });
    }

    /** Nothing is left to be read, and nobody writes. Netty's epoll did not notice once: CVE-2026-42577. */
    @Test
    void behindTheEndOfTheStream() throws Exception {
        with(UringConfig.DEFAULT, true, (channel, peer) -> {
            halfClose(channel, peer::shutdownOutput);
            reset(peer);
            assertCloses(channel);
        });
    }

    @Test
    void behindTheEndOfTheStreamAfterAMoveToAnotherLoop() throws Exception {
        with(UringConfig.DEFAULT, true, (channel, peer) -> {
            halfClose(channel, peer::shutdownOutput);
            channel.deregister().sync();
            Tcp.loops().register(channel).sync();
            assertThat(channel.isOpen()).isTrue();
            reset(peer);
            assertCloses(channel);
        });
    }

    /** Nobody reads, and nobody will. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterTheInputWasShutDown(boolean autoRead) throws Exception {
        with(UringConfig.DEFAULT, autoRead, (channel, peer) -> {
            halfClose(channel, () -> ((DuplexChannel) channel).shutdownInput());
            reset(peer);
            assertCloses(channel);
        });
    }

    /** It is the user's to close then: the peer has had all that there will be. */
    @Test
    void notBehindTheEndsOfBothStreams() throws Exception {
        with(UringConfig.DEFAULT, true, (channel, peer) -> {
            halfClose(channel, peer::shutdownOutput);
            ((DuplexChannel) channel).shutdownOutput().sync();
            assertThat(peer.getInputStream().read()).isNegative();
            await().during(Duration.ofMillis(100)).atMost(LIMIT).until(channel::isOpen);
            channel.close().sync();
        });
    }

    /** A Unix domain socket's peer that has closed for good can be told from one that reads still. */
    @Test
    void theCloseOfAUnixDomainSocketBehindTheEndOfItsStream() throws Exception {
        try (Domain domain = Domain.serve(() -> receiver);
                SocketChannel peer = domain.connect()) {
            Channel channel = domain.accepted();
            halfClose(channel, peer::shutdownOutput);
            peer.close();
            assertCloses(channel);
        }
    }

    /** Which is no reset, but is taken for one with the bytes as well, by kernels from 6.17 on. */
    @RepeatedTest(20)
    void theEndOfAUnixDomainSocketBehindAFewBytes() throws Exception {
        try (Domain domain = Domain.serve(() -> receiver);
                SocketChannel peer = domain.connect()) {
            peer.write(ByteBuffer.allocate(1));
            receiver.awaitBytes(1);
            Channel channel = domain.accepted();
            try (StandingLoop standing = new StandingLoop(channel.eventLoop())) {
                peer.write(ByteBuffer.allocate(4));
                peer.shutdownOutput();
            }
            assertCloses(channel);
            assertThat(receiver.received).hasValue(5);
        }
    }
}
