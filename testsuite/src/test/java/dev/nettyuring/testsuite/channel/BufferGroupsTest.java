// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringConfig;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where every message takes a whole buffer, channels with small messages get small ones, and those with bulk large ones. */
class BufferGroupsTest extends WholeBuffers {
    private static final int SLAB = 1 << 20;

    /** Sends, and waits until it is read. */
    private static void send(Socket client, Collector reader, byte[] bytes) throws IOException {
        int expected = reader.count() + bytes.length;
        client.getOutputStream().write(bytes);
        await().atMost(LIMIT).pollInterval(1, TimeUnit.MILLISECONDS).until(() -> reader.count() == expected);
    }

    /** Sends while the loop does nothing else, so that all is there when it looks. */
    private void sendAtOnce(Socket client, Collector reader, byte[] bytes) throws Exception {
        int expected = reader.count() + bytes.length;
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        loop().execute(() -> {
            held.countDown();
            try {
                sent.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(held.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        client.getOutputStream().write(bytes);
        sent.countDown();
        await().atMost(LIMIT).until(() -> reader.count() == expected);
    }

    private static void sendMessages(Socket client, Collector reader, int messages) throws IOException {
        for (int i = 0; i < messages; i++) {
            send(client, reader, random(i, 100));
        }
    }

    @Test
    void bulkComesInLargePiecesOnceItIsFoundToBe() throws Exception {
        PieceKeeper keeper = new PieceKeeper();
        try (Tcp tcp = Tcp.serve(server(config()), () -> keeper);
                Socket client = tcp.connect()) {
            sendAtOnce(client, keeper, random(SOME_FULL_BUFFERS));
            assertThat(keeper.largest()).isEqualTo(SMALL);
            sendAtOnce(client, keeper, random(LARGE / 2));
            assertThat(keeper.largest()).isBetween(SMALL + 1, LARGE);
            assertThat(keeper.bytes()).startsWith(random(SOME_FULL_BUFFERS)).endsWith(random(LARGE / 2));
        }
    }

    @Test
    void aKeptMessageKeepsASmallBufferAndBulkHasNoneWhileThereIsNone() throws Exception {
        PieceKeeper keeper = new PieceKeeper();
        keeper.keep(size -> true);
        try (Tcp tcp = Tcp.serve(server(config()), () -> keeper);
                Socket client = tcp.connect()) {
            sendMessages(client, keeper, 100);
            assertThat(metrics().receiveBuffers(BufferState.PIPELINE)).isEqualTo(100);
            assertThat(metrics().copiedPieces()).isZero();
            assertThat(metrics().receiveMemory()).isEqualTo(SLAB);
            keeper.letGo();
        }
    }

    @Test
    void aChannelThatHadBulkAndHasMessagesGetsSmallBuffersAgain() throws Exception {
        PieceKeeper keeper = new PieceKeeper();
        try (Tcp tcp = Tcp.serve(server(config()), () -> keeper);
                Socket client = tcp.connect()) {
            sendAtOnce(client, keeper, random(SOME_FULL_BUFFERS));
            assertThat(metrics().receiveMemory()).isEqualTo(2 * SLAB);
            sendMessages(client, keeper, MANY_MESSAGES);
            keeper.keep(size -> true);
            sendMessages(client, keeper, 100);
            // a hundred large ones would be too many: small pieces of them are copied
            assertThat(metrics().receiveBuffers(BufferState.PIPELINE)).isEqualTo(100);
            assertThat(metrics().copiedPieces()).isZero();
            assertThat(metrics().receiveMemory()).isEqualTo(2 * SLAB);
            keeper.letGo();
        }
    }

    private static UringConfig.Builder tight() {
        return config().receiveMemoryLimit(SLAB);
    }

    @Test
    void messagesArriveThoughTheMemoryForBulkIsUsedUp() throws Exception {
        PieceKeeper bulk = new PieceKeeper();
        PieceKeeper messages = new PieceKeeper();
        bulk.keep(size -> size > SMALL);
        Queue<PieceKeeper> keepers = new ConcurrentLinkedQueue<>(List.of(bulk, messages));
        byte[] sent = random(3_000_000);
        try (Tcp tcp = Tcp.serve(server(tight()), keepers::poll);
                Socket sender = tcp.connect()) {
            tcp.accepted();
            Background writer = Background.run(() -> sender.getOutputStream().write(sent));
            await().atMost(LIMIT).until(bulk::isExhausted);
            assertThat(bulk.events().get(0)).hasToString("UringBufferExhausted(524288 bytes in use)");
            try (Socket client = tcp.connect()) {
                sendMessages(client, messages, 200);
            }
            assertThat(messages.isExhausted()).isFalse();
            assertThat(metrics().receiveMemory()).isLessThanOrEqualTo(SLAB);
            bulk.letGo();
            await().atMost(LIMIT).until(() -> bulk.count() == sent.length);
            writer.join();
            assertThat(bulk.bytes()).isEqualTo(sent);
        }
    }

    @Test
    void bulkArrivesThoughTheMemoryForMessagesIsUsedUp() throws Exception {
        PieceKeeper bulk = new PieceKeeper();
        PieceKeeper messages = new PieceKeeper();
        messages.keep(size -> true);
        Queue<PieceKeeper> keepers = new ConcurrentLinkedQueue<>(List.of(bulk, messages));
        byte[] sent = random(3_000_000);
        try (Tcp tcp = Tcp.serve(server(tight()), keepers::poll);
                Socket sender = tcp.connect()) {
            tcp.accepted();
            sendAtOnce(sender, bulk, random(SOME_FULL_BUFFERS));
            try (Socket client = tcp.connect()) {
                sendMessages(client, messages, SLAB / 2 / SMALL);
                client.getOutputStream().write(random(100));
                await().atMost(LIMIT).until(messages::isExhausted);
                send(sender, bulk, sent);
                assertThat(bulk.bytes()).endsWith(sent);
                assertThat(bulk.isExhausted()).isFalse();
                int before = messages.count();
                messages.letGo();
                await().atMost(LIMIT).until(() -> messages.count() == before + 100);
            }
        }
    }

    @Test
    void withoutMemoryForLargeBuffersBulkComesInSmallOnes() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        PieceKeeper keeper = new PieceKeeper();
        byte[] sent = random(3_000_000);
        UringConfig.Builder builder =
                config().receivePool(bytes -> asked.getAndIncrement() == 0 ? Unpooled.directBuffer(bytes) : null);
        try (Tcp tcp = Tcp.serve(server(builder), () -> keeper);
                Socket client = tcp.connect()) {
            send(client, keeper, sent);
            assertThat(keeper.bytes()).isEqualTo(sent);
            assertThat(keeper.largest()).isEqualTo(SMALL);
            assertThat(metrics().receiveMemory()).isEqualTo(SLAB);
            assertThat(metrics().receiveMemoryFailures()).isPositive();
        }
    }
}
