// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a stream whose bytes are read into the user's own buffers. */
@ExtendWith(TransportInvariants.class)
class OwnBufferEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ByteBuf buffer = Unpooled.directBuffer(100, 100);
    private final Collector collector = new Collector();
    private Tcp tcp;
    private Socket client;
    private UringSocketChannel channel;

    @BeforeEach
    void connect() throws Exception {
        tcp = Tcp.serve(
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.AUTO_READ, false), () -> collector);
        client = tcp.connect();
        channel = (UringSocketChannel) tcp.accepted();
    }

    @AfterEach
    void close() throws Exception {
        channel.close().sync();
        client.close();
        tcp.close();
        assertThat(buffer.release()).as("only the test has it").isTrue();
    }

    private static <T> Future<T> done(Future<T> future) throws InterruptedException {
        assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return future;
    }

    private void leaveReceiveArmed() throws InterruptedException {
        channel.config().setAutoRead(true);
        AutoRead.off(channel);
    }

    /** The kernel has told of three bytes and the end when the first is read, but the loop has not come to that yet. */
    private void readFirstOfThreeThatTheEndFollows() throws Exception {
        ByteBuf first = Unpooled.directBuffer(1, 1);
        CompletableFuture<Future<ByteBuf>> reading = new CompletableFuture<>();
        try (ServerSocket elsewhere = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel earlier = new Bootstrap()
                    .group(channel.eventLoop())
                    .channel(UringSocketChannel.class)
                    .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
                            reading.complete(channel.readInto(first));
                        }
                    })
                    .connect(elsewhere.getLocalSocketAddress())
                    .sync()
                    .channel();
            try (Socket peer = elsewhere.accept()) {
                channel.eventLoop()
                        .submit(() -> {
                            peer.getOutputStream().write(1);
                            client.getOutputStream().write(new byte[] {1, 2, 3});
                            client.shutdownOutput();
                            return null;
                        })
                        .sync();
                reading.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            earlier.close().sync();
        }
        assertThat(done(reading.get()).getNow().readByte()).isEqualTo((byte) 1);
        first.release();
        for (int turn = 0; turn < 10; turn++) {
            channel.eventLoop().submit(() -> {}).sync();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoLeavesTimeBetweenReadsGetsWhatWasSentBeforeThePeerClosed(boolean receiveArmed) throws Exception {
        if (receiveArmed) {
            leaveReceiveArmed();
        }
        readFirstOfThreeThatTheEndFollows();
        for (String what : new String[] {"the rest", "the end"}) {
            Future<ByteBuf> next = done(channel.readInto(buffer));
            assertThat(next.cause()).as(what).isNull();
            assertThat(ByteBufUtil.getBytes(buffer)).as(what).containsExactly(2, 3);
        }
        await().atMost(LIMIT).until(collector::isInactive);
        assertThat(collector.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsLeftAndTheEndGoToThePipelineWhenThatReadsAgain(boolean receiveArmed) throws Exception {
        if (receiveArmed) {
            leaveReceiveArmed();
        }
        readFirstOfThreeThatTheEndFollows();
        channel.config().setAutoRead(true);
        await().atMost(LIMIT).until(collector::isInactive);
        assertThat(collector.bytes()).containsExactly(2, 3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndGoesToThePipelineWhenThatReadsAgain(boolean receiveArmed) throws Exception {
        if (receiveArmed) {
            leaveReceiveArmed();
        }
        readFirstOfThreeThatTheEndFollows();
        assertThat(done(channel.readInto(buffer)).getNow().readableBytes()).isEqualTo(2);
        channel.read();
        await().atMost(LIMIT).until(collector::isInactive);
        assertThat(collector.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterTheInputWasShutDownAReadBringsNothing(boolean receiveArmed) throws Exception {
        if (receiveArmed) {
            leaveReceiveArmed();
        }
        channel.shutdownInput().sync();
        assertThat(done(channel.readInto(buffer)).getNow().readableBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReadThatHasBegunEndsWhenTheInputIsShutDown(boolean receiveArmed) throws Exception {
        if (receiveArmed) {
            leaveReceiveArmed();
        }
        Future<ByteBuf> read = channel.eventLoop()
                .submit(() -> {
                    Future<ByteBuf> reading = channel.readInto(buffer);
                    channel.shutdownInput();
                    return reading;
                })
                .sync()
                .getNow();
        assertThat(done(read).getNow().readableBytes()).isZero();
    }
}
