// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.BusyConnections.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Channels end, in every way there is, with operations in flight and a peer that keeps sending. Each time every promise is
 * completed, every operation ends, and all memory comes back; and in poison mode, in which {@code ./verify} runs this as
 * well, nobody wrote to what had come back.
 */
@ExtendWith(TransportInvariants.class)
class EndWhileReceivingTest {
    private static final int ROUNDS = 3;
    private static final int CONNECTIONS = 6;
    private static final int MANY = 100;
    private static final int SOME_BYTES = 300_000;
    private static final byte UNTOUCHED = 0x33;

    private static final Consumer<ServerBootstrap> NO_OPTIONS = bootstrap -> {};

    /** How all connections are ended. */
    interface Ending {
        void end(BusyConnections connections) throws Exception;
    }

    private static void whileReceiving(Ending ending) throws Exception {
        whileReceiving(NO_OPTIONS, ending);
    }

    private static void whileReceiving(Consumer<ServerBootstrap> options, Ending ending) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (BusyConnections connections = new BusyConnections(CONNECTIONS, options)) {
                connections.awaitReceived(SOME_BYTES);
                ending.end(connections);
                connections.assertNothingIsLeft();
            }
        }
    }

    private static void closeAll(BusyConnections connections) {
        connections.channels().forEach(channel -> connections.expect(channel.close()));
    }

    @Test
    void closeByTheLoop() throws Exception {
        whileReceiving(connections -> connections.channels().forEach(channel -> channel.eventLoop()
                .execute(() -> connections.expect(channel.close()))));
    }

    @Test
    void closeByAnotherThread() throws Exception {
        whileReceiving(EndWhileReceivingTest::closeAll);
    }

    @Test
    void closeByAnotherThreadWithLinger() throws Exception {
        whileReceiving(bootstrap -> bootstrap.childOption(ChannelOption.SO_LINGER, 1), EndWhileReceivingTest::closeAll);
    }

    @Test
    void abortiveClose() throws Exception {
        whileReceiving(bootstrap -> bootstrap.childOption(ChannelOption.SO_LINGER, 0), EndWhileReceivingTest::closeAll);
    }

    @Test
    void shutdownInput() throws Exception {
        whileReceiving(connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                connections.expect(channel.shutdownInput()).sync();
            }
            closeAll(connections);
        });
    }

    @Test
    void shutdownInputThatLeavesTheChannelOpen() throws Exception {
        whileReceiving(bootstrap -> bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true), connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                connections.expect(channel.shutdownInput()).sync();
            }
            TimeUnit.MILLISECONDS.sleep(20);
            closeAll(connections);
        });
    }

    @Test
    void shutdownOutput() throws Exception {
        whileReceiving(bootstrap -> bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true), connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                connections.expect(channel.shutdownOutput()).sync();
            }
            connections.awaitReceived(SOME_BYTES);
            closeAll(connections);
        });
    }

    @Test
    void deregisterAndClose() throws Exception {
        whileReceiving(connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                connections.expect(channel.deregister()).sync();
                connections.expect(channel.close());
            }
        });
    }

    @Test
    void endOfTheLoops() throws Exception {
        whileReceiving(connections -> connections.group().shutdownGracefully(0, 10, TimeUnit.SECONDS));
    }

    @Test
    void resetByThePeer() throws Exception {
        whileReceiving(connections -> {
            for (Socket peer : connections.peers()) {
                peer.setSoLinger(true, 0);
                peer.close();
            }
        });
    }

    @Test
    void exceptionInAHandler() throws Exception {
        whileReceiving(BusyConnections::throwFromHandlers);
    }

    @ParameterizedTest
    @EnumSource
    void closeWithSendsInFlight(ZeroCopy mode) throws Exception {
        assumeTrue(
                mode != ZeroCopy.ALWAYS || Uring.features().contains(Feature.SEND_ZC),
                "zero-copy sends are switched off");
        whileReceiving(bootstrap -> bootstrap.childOption(UringChannelOption.ZERO_COPY, mode), connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                connections.expect(channel.writeAndFlush(Unpooled.directBuffer().writeZero(8 << 20)));
            }
            connections.awaitReceived(SOME_BYTES);
            closeAll(connections);
        });
    }

    @Test
    void endOfTheLoopsWithZeroCopySendsInFlight() throws Exception {
        assumeTrue(Uring.features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        whileReceiving(
                bootstrap -> bootstrap.childOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS), connections -> {
                    for (UringSocketChannel channel : connections.channels()) {
                        connections.expect(
                                channel.writeAndFlush(Unpooled.directBuffer().writeZero(8 << 20)));
                    }
                    connections.awaitReceived(SOME_BYTES);
                    connections.group().shutdownGracefully(0, 10, TimeUnit.SECONDS);
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"NEVER", "ALWAYS"})
    void writeFromInFlight(ZeroCopy mode) throws Exception {
        ByteBuf mine = Unpooled.directBuffer(8 << 20).writeZero(8 << 20);
        whileReceiving(bootstrap -> bootstrap.childOption(UringChannelOption.ZERO_COPY, mode), connections -> {
            List<Future<ByteBuf>> writes = new ArrayList<>();
            for (UringSocketChannel channel : connections.channels()) {
                writes.add(connections.expect(channel.writeFrom(mine.retainedDuplicate())));
            }
            closeAll(connections);
            for (Future<ByteBuf> write : writes) {
                assertThat(write.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                mine.release();
            }
            await().atMost(LIMIT).until(() -> mine.refCnt() == 1);
        });
        mine.release();
    }

    @Test
    void readIntoInFlight() throws Exception {
        List<ByteBuf> mine = new ArrayList<>();
        whileReceiving(connections -> {
            for (UringSocketChannel channel : connections.channels()) {
                ByteBuf buffer = Unpooled.directBuffer(SOME_BYTES, SOME_BYTES);
                mine.add(buffer);
                channel.config().setAutoRead(false);
                channel.eventLoop()
                        .submit(() -> readOnAndOn(channel, buffer, connections))
                        .sync();
            }
            TimeUnit.MILLISECONDS.sleep(20);
            closeAll(connections);
            for (UringSocketChannel channel : connections.channels()) {
                channel.closeFuture().sync();
            }
            assertThatTheKernelIsDoneWith(mine);
        });
        mine.forEach(ByteBuf::release);
    }

    private static void readOnAndOn(UringSocketChannel channel, ByteBuf buffer, BusyConnections connections) {
        buffer.clear();
        Future<ByteBuf> read = connections.expect(channel.readInto(buffer));
        read.addListener(done -> {
            if (done.isSuccess() && buffer.isReadable()) {
                readOnAndOn(channel, buffer, connections);
            }
        });
    }

    /** Their futures are done, so they are the user's again. */
    private static void assertThatTheKernelIsDoneWith(List<ByteBuf> buffers) throws Exception {
        byte[] untouched = new byte[SOME_BYTES];
        Arrays.fill(untouched, UNTOUCHED);
        for (ByteBuf buffer : buffers) {
            await().atMost(LIMIT).until(() -> buffer.refCnt() == 1);
            buffer.setBytes(0, untouched);
        }
        TimeUnit.MILLISECONDS.sleep(20);
        for (ByteBuf buffer : buffers) {
            assertThat(ByteBufUtil.getBytes(buffer, 0, SOME_BYTES)).isEqualTo(untouched);
        }
    }

    @Test
    void closeOfManyAtOnce() throws Exception {
        try (BusyConnections connections = new BusyConnections(MANY, NO_OPTIONS)) {
            ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
            all.addAll(connections.channels());
            connections.awaitReceived(SOME_BYTES);
            connections.expect(all.close());
            connections.assertNothingIsLeft();
        }
    }
}
