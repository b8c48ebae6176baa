// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What happens to a channel while it changes from small buffers to large ones, and back. */
class BufferGroupChangeTest extends WholeBuffers {
    /** Sends back what it gets, and stops reading now and then. */
    private static final class Echo extends PieceKeeper {
        private static final int PIECES_BETWEEN_PAUSES = 7;
        private int pieces;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            context.write(((ByteBuf) message).retainedDuplicate());
            if (++pieces % PIECES_BETWEEN_PAUSES == 0) {
                context.channel().config().setAutoRead(false);
                context.executor()
                        .schedule(
                                () -> context.channel().config().setAutoRead(true),
                                pieces % 3 * 50L,
                                TimeUnit.MICROSECONDS);
            }
            super.channelRead(context, message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        /** Whether pieces filled a small buffer after some had been larger. */
        boolean changedBack() {
            int large = 0;
            while (large < sizes().size() && sizes().get(large) <= SMALL) {
                large++;
            }
            return sizes().lastIndexOf(SMALL) > large;
        }
    }

    private static void exchange(Socket client, byte[] bytes) throws Exception {
        byte[] back = new byte[bytes.length];
        Background writer = Background.run(() -> client.getOutputStream().write(bytes));
        new DataInputStream(client.getInputStream()).readFully(back);
        writer.join();
        assertThat(back).isEqualTo(bytes);
    }

    /** Messages, bulk, messages and so on; every byte comes back in its place. */
    private static void exchangeInTurns(Socket client, int seed) throws Exception {
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] back = new byte[100];
        for (int turn = 0; turn < 5; turn++) {
            for (int i = 0; i < MANY_MESSAGES; i++) {
                byte[] message = random(seed + i, back.length);
                client.getOutputStream().write(message);
                in.readFully(back);
                assertThat(back).isEqualTo(message);
            }
            exchange(client, random(seed + turn, 700_000));
        }
    }

    @Test
    void channelsThatChangeInMidstreamLoseAndReorderNothing() throws Exception {
        int connections = 4;
        List<Echo> echos = new CopyOnWriteArrayList<>();
        List<Background> exchanges = new ArrayList<>();
        List<Socket> clients = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(server(config()), () -> {
            Echo echo = new Echo();
            echos.add(echo);
            return echo;
        })) {
            for (int i = 0; i < connections; i++) {
                Socket client = tcp.connect();
                clients.add(client);
                int seed = i;
                exchanges.add(Background.run(() -> exchangeInTurns(client, seed)));
            }
            for (Background exchange : exchanges) {
                exchange.join();
            }
            assertThat(echos).hasSize(connections).allMatch(Echo::changedBack);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** Does something when it has read so many pieces. */
    private static final class Interrupter extends PieceKeeper {
        private final int pieces;
        private final Interruption interruption;

        Interrupter(int pieces, Interruption interruption) {
            this.pieces = pieces;
            this.interruption = interruption;
        }

        interface Interruption {
            void interrupt(ChannelHandlerContext context);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            super.channelRead(context, message);
            if (sizes().size() == pieces) {
                interruption.interrupt(context);
            }
        }
    }

    @Test
    void aChannelMayBeClosedWhileItChanges() throws Exception {
        AtomicInteger pieces = new AtomicInteger();
        byte[] sent = random(10 * LARGE);
        List<PieceKeeper> keepers = new CopyOnWriteArrayList<>();
        try (Tcp tcp = Tcp.serve(server(config()), () -> {
            PieceKeeper keeper = new Interrupter(pieces.get(), ChannelHandlerContext::close);
            keepers.add(keeper);
            return keeper;
        })) {
            for (int round = 0; round < 40; round++) {
                pieces.set(1 + round % 8);
                try (Socket client = tcp.connect()) {
                    tcp.accepted();
                    Background writer = Background.run(() -> sendUntilClosed(client, sent));
                    PieceKeeper keeper = keepers.get(round);
                    await().atMost(LIMIT).pollInterval(1, TimeUnit.MILLISECONDS).until(keeper::isInactive);
                    writer.join();
                    assertThat(sent).startsWith(keeper.bytes());
                }
            }
        }
    }

    private static void sendUntilClosed(Socket client, byte[] bytes) {
        try {
            while (true) {
                client.getOutputStream().write(bytes);
            }
        } catch (IOException closed) {
            // what is asked for
        }
    }

    @Test
    void aChannelMayMoveToAnotherLoopWhileItChanges() throws Exception {
        ServerBootstrap bootstrap = server(config());
        EventLoopGroup other = loop(config());
        byte[] sent = random(400_000);
        for (int pieces = 1; pieces < 10; pieces++) {
            PieceKeeper keeper = new Interrupter(pieces, context -> context.deregister()
                    .addListener(gone -> other.next().register(context.channel())));
            try (Tcp tcp = Tcp.serve(bootstrap.clone(), () -> keeper);
                    Socket client = tcp.connect()) {
                Background.run(() -> client.getOutputStream().write(sent));
                await().atMost(LIMIT).until(() -> keeper.count() == sent.length);
                assertThat(keeper.bytes()).isEqualTo(sent);
            }
        }
    }
}
