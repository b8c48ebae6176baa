// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.jni.Host;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.Loops;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** The event loop ends while peers have not read what was sent by zero copy: the kernel reads the buffers all the same. */
@ExtendWith(TransportInvariants.class)
class LoopEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** More than the sockets' buffers take. */
    private static final int BYTES = UnreadSend.BYTES;

    private final byte[] sent = random(BYTES);
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, UringIoHandler.newFactory(Loops.configuration(2 * BYTES))); // one test keeps what it receives
    private final UringMetrics metrics = UringMetrics.of(group.next());
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.nettyuring.channel.LoopEnd");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        assumeTrue(Uring.features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        assumeTrue(Host.current().mayLock(BYTES + 1), "so much memory may not be locked beside the rings");
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(log);
        log.start();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        endTheLoop();
        assertThat(metrics.operationsInFlight()).isZero();
        logger.detachAppender(log);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    private void endTheLoop() throws InterruptedException {
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("the loop ends in time")
                .isTrue();
    }

    private ServerBootstrap server() {
        return new ServerBootstrap().group(group).childOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS);
    }

    private static Stream<ByteBufAllocator> allocators() {
        return Stream.of(
                UnpooledByteBufAllocator.DEFAULT,
                ByteBufAllocator.DEFAULT,
                UringByteBufAllocator.builder().build());
    }

    /** Waits until the kernel has taken a part, and has no room for more. */
    private static void awaitStalled(Channel channel) {
        await().atMost(LIMIT).until(() -> channel.eventLoop()
                .submit(() -> channel.unsafe().outboundBuffer().currentProgress() > 0)
                .get());
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void whatWasSentArrivesAndThenItsMemoryIsReleased(ByteBufAllocator allocator) throws Exception {
        ByteBuf buf = allocator.directBuffer(BYTES, BYTES).writeBytes(sent);
        Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
        try (Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            Future<Void> written = channel.writeAndFlush(buf);
            awaitStalled(channel);
            endTheLoop();
            assertThat(written.cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(buf.refCnt()).as("while the kernel has it").isPositive();
            assertThat(metrics.operationsInFlight()).isPositive();
            assertThat(log.list)
                    .singleElement()
                    .asString()
                    .contains("[INFO]")
                    .contains("before peers have acknowledged " + metrics.operationsInFlight()
                            + " of its zero-copy sends");
            overwriteWhatIsFree(allocator);
            assertIsPrefixOfWhatWasSent(client.getInputStream().readAllBytes());
            await().atMost(LIMIT).until(() -> buf.refCnt() == 0);
            await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 0);
        }
    }

    /** If the memory had been given back, or were to be freed by the garbage collector, this would be in it. */
    private static void overwriteWhatIsFree(ByteBufAllocator allocator) {
        for (int i = 0; i < 3; i++) {
            System.gc();
            ByteBuf other = allocator.directBuffer(BYTES, BYTES);
            other.setZero(0, BYTES).release();
        }
    }

    private void assertIsPrefixOfWhatWasSent(byte[] received) {
        assertThat(received.length).isPositive();
        assertThat(Arrays.mismatch(received, Arrays.copyOf(sent, received.length)))
                .as("the first byte of %d that differs", received.length)
                .isEqualTo(-1);
    }

    @Test
    void receivedBuffersThatAreSentOnAreKeptAsWell() throws Exception {
        AtomicInteger echoed = new AtomicInteger();
        Tcp tcp = Tcp.serve(server(), () -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                echoed.addAndGet(((ByteBuf) message).readableBytes());
                context.writeAndFlush(message);
            }
        });
        try (Socket client = tcp.connect()) {
            Background.run(() -> client.getOutputStream().write(sent));
            await().atMost(LIMIT)
                    .untilAtomic(echoed, equalTo(BYTES)); // what is unread at the close would reset the connection
            endTheLoop();
            assertThat(metrics.operationsInFlight()).isPositive();
            assertIsPrefixOfWhatWasSent(client.getInputStream().readAllBytes());
            await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 0);
            assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isZero();
        }
    }

    @Test
    void aBufferThatStaysTheUsersComesBackThoughTheLoopIsGone() throws Exception {
        ByteBuf mine = UnpooledByteBufAllocator.DEFAULT.directBuffer(100_000).writeBytes(sent, 0, 100_000);
        ByteBuf before = UnpooledByteBufAllocator.DEFAULT.directBuffer(BYTES).writeBytes(sent);
        Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
        try (Socket client = tcp.connect()) {
            UringSocketChannel channel = (UringSocketChannel) tcp.accepted();
            Future<ByteBuf> written = channel.writeFrom(mine);
            await().atMost(LIMIT).until(() -> channel.eventLoop()
                    .submit(() -> channel.unsafe().outboundBuffer().isEmpty())
                    .get());
            Future<ByteBuf> stalled = channel.writeFrom(before);
            awaitStalled(channel);
            endTheLoop();
            assertThat(stalled.isDone()).as("while the kernel has it").isFalse();
            assertThat(client.getInputStream().readAllBytes()).hasSizeGreaterThan(100_000);
            assertThat(written.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(written.getNow()).isSameAs(mine);
            assertThat(stalled.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(stalled.cause()).isInstanceOf(ClosedChannelException.class);
            await().atMost(LIMIT).until(() -> mine.refCnt() == 1 && before.refCnt() == 1);
        }
        assertThat(List.of(mine.release(), before.release())).containsOnly(true);
    }

    @Test
    void aPeerThatGoesAwayInsteadGivesTheMemoryBack() throws Exception {
        ByteBuf buf = UnpooledByteBufAllocator.DEFAULT.directBuffer(BYTES).writeBytes(sent);
        Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
        try (Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.writeAndFlush(buf);
            awaitStalled(channel);
            endTheLoop();
            assertThat(buf.refCnt()).isPositive();
            client.setSoLinger(true, 0);
        }
        await().atMost(LIMIT).until(() -> buf.refCnt() == 0);
        await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 0);
    }

    @Test
    void theEndOfTheProcessDoesNotWaitAndTakesNothingAway(@TempDir Path temporary) throws Exception {
        assertThat(outputOfAnUnreadSend(temporary)).isEqualTo(UnreadSend.DONE + System.lineSeparator());
    }

    @Test
    void whereThereIsNoDescriptorToLearnOfTheEndByNothingIsSentByZeroCopy(@TempDir Path temporary) throws Exception {
        assertThat(outputOfAnUnreadSend(
                        temporary, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=pipe2:error=EMFILE"))
                .isEqualTo(UnreadSend.DONE + System.lineSeparator());
    }

    /** What the process prints that ends before its peer reads; all of what the kernel has taken arrives. */
    private String outputOfAnUnreadSend(Path temporary, String... wrapper) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(server.getLocalPort());
            server.setSoTimeout((int) LIMIT.toMillis());
            String output = JavaProcess.output(temporary, List.of(wrapper), List.of(), UnreadSend.class, port);
            assertThat(output).contains(UnreadSend.DONE);
            try (Socket peer = server.accept()) {
                peer.setSoTimeout((int) LIMIT.toMillis());
                assertIsPrefixOfWhatWasSent(peer.getInputStream().readAllBytes());
            }
            return output;
        }
    }

    @Test
    void whereEverythingWasReadNothingIsLeftAndNothingSaid() throws Exception {
        ByteBuf buf = UnpooledByteBufAllocator.DEFAULT.directBuffer(BYTES).writeBytes(sent);
        Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
        try (Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.writeAndFlush(buf);
            assertThat(client.getInputStream().readNBytes(BYTES)).isEqualTo(sent);
            channel.close().sync();
            endTheLoop();
        }
        assertThat(buf.refCnt()).isZero();
        assertThat(metrics.operationsInFlight()).isZero();
        assertThat(log.list).isEmpty();
    }
}
