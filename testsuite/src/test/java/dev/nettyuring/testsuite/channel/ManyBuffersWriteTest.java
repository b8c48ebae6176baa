// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flushes of many buffers, which are tried without an operation first. */
@Timeout(60)
@ExtendWith(TransportInvariants.class)
class ManyBuffersWriteTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MANY = 40;

    private static ServerBootstrap server() {
        return new ServerBootstrap().group(Tcp.loops()).childOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER);
    }

    @Test
    void manyBuffersAreSentWhenTheFlushReturns() throws Exception {
        try (Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            byte[] content = random(1, MANY * 100);
            boolean sent = onLoop(channel, () -> {
                List<ByteBuf> buffers = new ArrayList<>();
                List<ChannelFuture> futures = new ArrayList<>();
                for (int i = 0; i < MANY; i++) {
                    buffers.add(buffer(channel, content, i * 100, 100));
                    futures.add(channel.write(buffers.get(i)));
                }
                channel.flush();
                return futures.stream().allMatch(ChannelFuture::isSuccess)
                        && buffers.stream().allMatch(buffer -> buffer.refCnt() == 0);
            });
            assertThat(client.getInputStream().readNBytes(content.length)).isEqualTo(content);
            assertThat(sent).isTrue();
        }
    }

    @Test
    void whatTheSocketHasNoRoomForFollowsInOrder() throws Exception {
        int count = 5000;
        int size = 4001;
        byte[] content = random(2, count * size);
        try (Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            List<Integer> completed = new ArrayList<>();
            boolean allSent = onLoop(channel, () -> {
                for (int i = 0; i < count; i++) {
                    int number = i;
                    channel.write(buffer(channel, content, i * size, size)).addListener(sent -> {
                        assertThat(sent.isSuccess()).isTrue();
                        completed.add(number);
                    });
                }
                channel.flush();
                return completed.size() == count;
            });
            assertThat(allSent).as("more than fits into a socket").isFalse();
            assertThat(client.getInputStream().readNBytes(content.length)).isEqualTo(content);
            await().atMost(LIMIT).until(() -> onLoop(channel, completed::size) == count);
            assertThat(onLoop(channel, () -> List.copyOf(completed))).isSorted();
        }
    }

    @Test
    void aListenerThatFlushesAgainAndAgainLeavesTheLoopToOthers() throws Exception {
        int rounds = 200;
        try (Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            AtomicInteger left = new AtomicInteger(rounds);
            int leftWhenOthersRan = onLoop(channel, () -> {
                        Future<Integer> other = channel.eventLoop().submit(left::get);
                        writeAgainAndAgain(channel, left);
                        return other;
                    })
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(client.getInputStream().readNBytes(rounds * MANY)).hasSize(rounds * MANY);
            assertThat(leftWhenOthersRan).isPositive();
        }
    }

    private static void writeAgainAndAgain(Channel channel, AtomicInteger left) {
        for (int i = 1; i < MANY; i++) {
            channel.write(buffer(channel, new byte[1], 0, 1));
        }
        channel.write(buffer(channel, new byte[1], 0, 1)).addListener(sent -> {
            if (left.decrementAndGet() > 0) {
                writeAgainAndAgain(channel, left);
            }
        });
        channel.flush();
    }

    @Test
    void aResetFailsThePromisesAndReleasesTheBuffers() throws Exception {
        try (Tcp tcp = Tcp.serve(server(), ChannelInboundHandlerAdapter::new)) {
            Socket client = tcp.connect();
            Channel channel = tcp.accepted();
            channel.config().setAutoRead(false); // else reading notices it first
            client.setSoLinger(true, 0);
            client.close();
            List<ByteBuf> buffers = new ArrayList<>();
            List<ChannelFuture> futures = new ArrayList<>();
            await().atMost(LIMIT)
                    .until(() -> onLoop(channel, () -> {
                        for (int i = 0; i < MANY; i++) {
                            buffers.add(buffer(channel, new byte[1], 0, 1));
                            futures.add(channel.write(buffers.get(buffers.size() - 1)));
                        }
                        channel.flush();
                        return !channel.isOpen();
                    }));
            assertThat(futures).allMatch(ChannelFuture::isDone);
            assertThat(futures.get(futures.size() - 1).cause()).isInstanceOf(IOException.class);
            assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
        }
    }

    private static ByteBuf buffer(Channel channel, byte[] content, int start, int length) {
        return channel.alloc().directBuffer(length).writeBytes(content, start, length);
    }

    private static <T> T onLoop(Channel channel, Callable<T> task) throws Exception {
        return channel.eventLoop().submit(task).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
