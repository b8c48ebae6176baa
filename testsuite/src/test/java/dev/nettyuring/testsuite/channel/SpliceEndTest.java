// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.SplicedPair.await;
import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import dev.nettyuring.testsuite.channel.SplicedPair.Placing;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.Future;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways in which splices end before their time, and that nothing is lost unnoticed then. */
@ExtendWith(TransportInvariants.class)
class SpliceEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LARGE = 10 << 20;

    /** More than fits into two sockets and a pipe: the target is full of it. */
    private static final int TOO_MUCH = 64 << 20;

    private static void awaitStandstill(SpliceFuture spliced) {
        long[] last = {-1};
        await().pollInterval(Duration.ofMillis(50)).atMost(LIMIT).until(() -> {
            long before = last[0];
            last[0] = spliced.transferred();
            return last[0] > 0 && last[0] == before;
        });
    }

    @ParameterizedTest
    @EnumSource
    void untilTheEndOfTheStream(Placing placing) throws Exception {
        byte[] bytes = random(1_000_000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(Long.MAX_VALUE);
            spliced.addListener(done -> pair.target.shutdownOutput());
            Background sending = Background.run(() -> {
                pair.sender.getOutputStream().write(bytes);
                pair.sender.shutdownOutput();
            });
            assertThat(pair.receiveAll()).isEqualTo(bytes);
            await(spliced).sync();
            assertThat(spliced.transferred()).isEqualTo(bytes.length);
            await().atMost(LIMIT).until(pair.atSource::isInactive);
            sending.join();
        }
    }

    @Test
    void aTargetThatWasNeverRegisteredIsRefusedAndTheSourceGoesOn() throws Exception {
        try (SplicedPair pair = new SplicedPair(Placing.values()[0])) {
            UringSocketChannel stray = new UringSocketChannel();
            SpliceFuture spliced = pair.source.spliceTo(stray, LARGE);
            assertThat(await(spliced).cause()).isInstanceOf(NotYetConnectedException.class);
            SpliceFuture next = pair.splice(1);
            pair.send(new byte[] {7}).join();
            assertThat(pair.receive(1)).containsExactly(7);
            await(next).sync();
            stray.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHalfClosedSourceStaysOpenIfItMay(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            pair.source.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            SpliceFuture spliced = pair.splice(Long.MAX_VALUE);
            pair.send(new byte[] {7}).join();
            pair.sender.shutdownOutput();
            await(spliced).sync();
            assertThat(pair.receive(1)).containsExactly(7);
            await().atMost(LIMIT).until(pair.source::isInputShutdown);
            SpliceFuture back = pair.target.spliceTo(pair.source, 1);
            pair.receiver.getOutputStream().write(8);
            assertThat(pair.sender.getInputStream().read()).isEqualTo(8);
            await(back).sync();
            assertThat(pair.source.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndThatComesTooEarlyFailsItAfterWhatThereWas(Placing placing) throws Exception {
        byte[] bytes = random(1_000_000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(bytes.length + 1);
            Background sending = Background.run(() -> {
                pair.sender.getOutputStream().write(bytes);
                pair.sender.shutdownOutput();
            });
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            assertThat(await(spliced).cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(spliced.transferred()).isEqualTo(bytes.length);
            await().atMost(LIMIT).until(pair.atSource::isInactive);
            assertThat(pair.target.isActive()).isTrue();
            sending.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatIsResetFailsIt(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(LARGE);
            pair.send(new byte[] {1, 2}).join();
            assertThat(pair.receive(2)).containsExactly(1, 2);
            pair.sender.setSoLinger(true, 0);
            pair.sender.close();
            assertThat(await(spliced).cause())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("ECONNRESET");
            assertThat(spliced.transferred()).isEqualTo(2);
            await().atMost(LIMIT).until(pair.atSource::isInactive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatASourceThatIsClosedHadGivenStillArrives(Placing placing) throws Exception {
        byte[] bytes = random(TOO_MUCH);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(bytes.length);
            spliced.addListener(done -> pair.target.shutdownOutput());
            Background sending = pair.send(bytes);
            awaitStandstill(spliced);
            await(pair.source.close());
            byte[] received = pair.receiveAll();
            assertThat(await(spliced).cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(spliced.transferred()).isEqualTo(received.length);
            assertThat(received).isEqualTo(Arrays.copyOf(bytes, received.length));
            pair.sender.close();
            sending.endedSomehow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTargetThatIsClosedFailsItAndTheSourceIsReadOn(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(LARGE);
            pair.send(new byte[] {1}).join();
            assertThat(pair.receive(1)).containsExactly(1);
            await(pair.target.close());
            assertThat(await(spliced).cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(spliced.transferred()).isEqualTo(1);
            pair.send(new byte[] {2, 3}).join();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 2);
            assertThat(pair.atSource.bytes()).containsExactly(2, 3);
            assertThat(await(pair.splice(1)).cause()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFullTargetThatIsClosedFailsIt(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(TOO_MUCH);
            Background sending = pair.send(new byte[TOO_MUCH]);
            awaitStandstill(spliced);
            await(pair.target.close());
            assertThat(await(spliced).cause()).isInstanceOf(ClosedChannelException.class);
            sending.join(); // the pipeline reads the rest
            assertThat(spliced.transferred() + pair.atSource.count()).isLessThanOrEqualTo(TOO_MUCH);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReceiverThatResetsFailsIt(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(TOO_MUCH);
            Background sending = pair.send(new byte[TOO_MUCH]);
            awaitStandstill(spliced);
            pair.receiver.setSoLinger(true, 0);
            pair.receiver.close();
            assertThat(await(spliced).isSuccess()).isFalse();
            await().atMost(LIMIT).until(pair.atTarget::isInactive);
            sending.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTargetWhoseOutputIsShutDownFailsIt(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(LARGE);
            pair.send(new byte[] {1}).join();
            assertThat(pair.receive(1)).containsExactly(1);
            await(pair.target.shutdownOutput()).sync();
            assertThat(await(spliced).isSuccess()).isFalse();
            assertThat(pair.receiveAll()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancellingWhileNothingComes(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(LARGE);
            SpliceFuture waiting = pair.splice(LARGE);
            assertThat(waiting.cancel(true)).isTrue();
            assertThat(await(waiting).isCancelled()).isTrue();
            assertThat(spliced.isDone()).isFalse();
            spliced.cancel(true);
            assertThat(await(spliced).isCancelled()).isTrue();
            assertThat(spliced.cancel(true)).as("a second time").isFalse();
            pair.send(new byte[] {1}).join();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 1);
            await(pair.target.writeAndFlush(io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {2})))
                    .sync();
            assertThat(pair.receive(1)).containsExactly(2);
        }
    }

    @Test
    void cancellingBeforeItHasBegun() throws Exception {
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            CompletableFuture<SpliceFuture> begun = new CompletableFuture<>();
            Future<Boolean> cancelled = pair.source.eventLoop().submit(() -> begun.get(
                            SplicedPair.LIMIT_SECONDS, TimeUnit.SECONDS)
                    .cancel(true));
            begun.complete(pair.source.spliceTo(pair.target, LARGE));
            assertThat(await(cancelled).getNow()).isTrue();
            assertThat(await(begun.join()).isCancelled()).isTrue();
            pair.send(new byte[] {1}).join();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancellingAtAnyMomentLosesNothing(Placing placing) throws Exception {
        byte[] bytes = random(2_000_000);
        Random random = new Random(1);
        for (int round = 0; round < 40; round++) {
            try (SplicedPair pair = new SplicedPair(placing)) {
                SpliceFuture spliced = pair.splice(bytes.length);
                spliced.addListener(done -> pair.target.shutdownOutput());
                Background sending = pair.send(bytes);
                TimeUnit.MICROSECONDS.sleep(random.nextInt(2000));
                spliced.cancel(true);
                byte[] received = pair.receiveAll();
                await(spliced);
                assertThat(spliced.transferred()).isEqualTo(received.length);
                assertThat(spliced.isCancelled()).isEqualTo(received.length < bytes.length);
                assertThat(received).isEqualTo(Arrays.copyOf(bytes, received.length));
                sending.join();
                await().atMost(LIMIT).until(() -> pair.atSource.count() == bytes.length - received.length);
                assertThat(pair.atSource.bytes()).isEqualTo(Arrays.copyOfRange(bytes, received.length, bytes.length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancellingWaitsUntilTheTargetHasWhatWasTaken(Placing placing) throws Exception {
        byte[] bytes = random(TOO_MUCH);
        try (SplicedPair pair = new SplicedPair(placing)) {
            pair.source.config().setAutoRead(false);
            SpliceFuture spliced = pair.splice(bytes.length);
            spliced.addListener(done -> pair.target.shutdownOutput());
            Background sending = pair.send(bytes);
            awaitStandstill(spliced);
            spliced.cancel(true);
            pair.begun();
            assertThat(spliced.isDone()).as("done with bytes in the pipe").isFalse();
            byte[] received = pair.receiveAll();
            assertThat(await(spliced).isCancelled()).isTrue();
            assertThat(spliced.transferred()).isEqualTo(received.length);
            pair.source.config().setAutoRead(true);
            sending.join();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == bytes.length - received.length);
            assertThat(pair.atSource.bytes()).isEqualTo(Arrays.copyOfRange(bytes, received.length, bytes.length));
        }
    }

    @Test
    void cancellingThePromiseCancels() throws Exception {
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            ChannelPromise promise = pair.source.newPromise();
            SpliceFuture spliced = pair.source.spliceTo(pair.target, LARGE, promise);
            promise.cancel(true);
            assertThat(await(spliced).isCancelled()).isTrue();
        }
    }

    @Test
    void channelsThatAreNotConnectedAreRefused() throws Exception {
        UringSocketChannel unconnected = new UringSocketChannel();
        await(Tcp.loops().register(unconnected)).sync();
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            assertThat(await(pair.source.spliceTo(unconnected, 1)).cause())
                    .isInstanceOf(NotYetConnectedException.class);
            assertThat(await(unconnected.spliceTo(pair.target, 1)).cause())
                    .isInstanceOf(NotYetConnectedException.class);
            pair.send(new byte[] {1}).join();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 1);
        } finally {
            await(unconnected.close());
        }
        assertThat(await(unconnected.spliceTo(unconnected, 1)).cause()).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource
    void pipelinesThatEncryptAreRefused(Placing placing) throws Exception {
        try (SplicedPair pair = new SplicedPair(placing)) {
            pair.target
                    .pipeline()
                    .addFirst(SslContextBuilder.forClient().build().newHandler(pair.target.alloc()));
            assertThat(await(pair.splice(1)).cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("SslHandler");
            assertThat(await(pair.target.spliceTo(pair.source, 1)).cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("SslHandler");
        }
    }
}
