// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Channels that get bulk receive it by calls, one after the other, each into memory that the one before has given back. */
@ExtendWith(TransportInvariants.class)
class BulkTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int BYTES = 24 << 20;
    private static final int MANY_BYTES = 64 << 10;
    private static final int CHANNELS = 4;
    /** By then a channel is known to get bulk. */
    private static final int LOOPS_BEFORE = 20;

    private static final int RELEASES = 40;

    private final byte[] sent = random(BYTES);

    private static void with(boolean shared, UringConfig config, Supplier<ChannelHandler> handlers, Course course)
            throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        IoHandlerFactory factory =
                shared ? UringIoHandler.newFactory(config) : OlderKernel.withoutIncrementalRings(config);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, factory);
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(loops), handlers)) {
            course.run(tcp);
        } finally {
            loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
        }
    }

    private interface Course {
        void run(Tcp tcp) throws Exception;
    }

    /** How a handler reads. */
    private enum Reading {
        AT_ONCE {
            @Override
            void read(ChannelHandlerContext context) {}
        },
        /** Stops after each piece. */
        PAUSING {
            @Override
            void read(ChannelHandlerContext context) {
                context.channel().config().setAutoRead(false);
                context.executor()
                        .schedule(() -> context.channel().config().setAutoRead(true), 1, TimeUnit.MILLISECONDS);
            }
        },
        /** Asks for each piece. */
        ASKING {
            @Override
            void read(ChannelHandlerContext context) {
                context.channel().config().setAutoRead(false);
                context.read();
            }
        };

        abstract void read(ChannelHandlerContext context);
    }

    @ParameterizedTest
    @EnumSource
    void everyByteArrivesInOrder(Reading reading) throws Exception {
        for (boolean shared : new boolean[] {false, true}) {
            PieceKeeper reader = new PieceKeeper() {
                @Override
                public void channelReadComplete(ChannelHandlerContext context) {
                    reading.read(context);
                }
            };
            with(shared, UringConfig.DEFAULT, () -> reader, tcp -> {
                try (Socket peer = tcp.connect()) {
                    Background.run(() -> {
                        peer.getOutputStream().write(sent);
                        peer.shutdownOutput();
                    });
                    await().atMost(LIMIT).until(reader::isInactive);
                    assertThat(reader.bytes()).isEqualTo(sent);
                }
            });
        }
    }

    /** The user's allocator, not a handler. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itGoesOnWhateverIsThrown(boolean shared) throws Exception {
        PieceKeeper reader = new PieceKeeper();
        Logger warnings = (Logger) LoggerFactory.getLogger("dev.nettyuring.channel.Registrations");
        warnings.setLevel(Level.OFF);
        try {
            with(shared, UringConfig.DEFAULT, () -> reader, tcp -> {
                try (Socket peer = tcp.connect()) {
                    tcp.accepted().config().setRecvByteBufAllocator(new Throwing());
                    Background.run(() -> peer.getOutputStream().write(sent));
                    await().atMost(LIMIT).until(() -> reader.count() == BYTES);
                    assertThat(reader.bytes()).isEqualTo(sent);
                }
            });
        } finally {
            warnings.setLevel(null);
        }
    }

    /** At the end of a read loop. */
    private static final class Throwing extends DefaultMaxMessagesRecvByteBufAllocator {
        @Override
        public Handle newHandle() {
            return new MaxMessageHandle() {
                private int loops;

                @Override
                public int guess() {
                    return BYTES;
                }

                @Override
                public void readComplete() {
                    if (++loops == LOOPS_BEFORE) {
                        throw new IllegalStateException("once");
                    }
                }
            };
        }
    }

    /** Then the kernel's ring tells who waits, and those wait until something is released. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsKeptIsNotReceivedOver(boolean shared) throws Exception {
        UringConfig config = UringConfig.builder()
                .receiveMemoryLimit(8 << 20)
                .exhaustion(UringConfig.Exhaustion.PAUSE)
                .build();
        Keeper keeper = new Keeper();
        with(shared, config, () -> keeper, tcp -> {
            try (Socket peer = tcp.connect()) {
                Background writer = Background.run(() -> peer.getOutputStream().write(sent));
                await().atMost(LIMIT).until(() -> keeper.exhausted);
                assertThat(keeper.received.get()).isLessThan(BYTES);
                keeper.keeps = false;
                keeper.letGo();
                await().atMost(LIMIT).until(() -> keeper.received.get() == BYTES);
                writer.join();
                keeper.letGo();
                assertThat(keeper.wrong).isEmpty();
            }
        });
    }

    /** Checks what it kept when it lets go. */
    private final class Keeper extends ChannelInboundHandlerAdapter {
        private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        private final List<String> wrong = new ArrayList<>();
        private final AtomicLong received = new AtomicLong();
        private volatile boolean keeps = true;
        private volatile boolean exhausted;
        private int checked;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            kept.add((ByteBuf) message);
            received.addAndGet(((ByteBuf) message).readableBytes());
            if (!keeps) {
                letGo();
            }
        }

        private synchronized void letGo() {
            for (ByteBuf piece = kept.poll(); piece != null; piece = kept.poll()) {
                byte[] bytes = ByteBufUtil.getBytes(piece);
                if (!Arrays.equals(bytes, 0, bytes.length, sent, checked, checked + bytes.length)) {
                    wrong.add(bytes.length + " bytes at " + checked);
                }
                checked += bytes.length;
                piece.release();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            exhausted = true;
        }
    }

    /** Whoever is woken in vain loses its place in the line. */
    @Test
    void buffersThatAreReleasedGoToThoseThatWaitInTurns() throws Exception {
        UringConfig config = UringConfig.builder()
                .receiveMemoryLimit(8 << 20)
                .exhaustion(UringConfig.Exhaustion.PAUSE)
                .build();
        Hoarder hoarder = new Hoarder();
        List<Socket> peers = new ArrayList<>();
        with(false, config, () -> hoarder, tcp -> {
            try {
                for (int i = 0; i < CHANNELS; i++) {
                    Socket peer = tcp.connect();
                    peers.add(peer);
                    Background.run(() -> sendUntilClosed(peer));
                }
                await().atMost(LIMIT).until(() -> hoarder.exhausted.size() == CHANNELS);
                for (int i = 0; i < RELEASES; i++) {
                    int received = hoarder.readers.size();
                    hoarder.releaseBuffer();
                    await().atMost(LIMIT).until(() -> hoarder.readers.size() > received);
                }
                List<ChannelId> last =
                        hoarder.readers.subList(hoarder.readers.size() - RELEASES, hoarder.readers.size());
                for (int i = 0; i + CHANNELS <= RELEASES; i += CHANNELS) {
                    assertThat(last.subList(i, i + CHANNELS)).doesNotHaveDuplicates();
                }
            } finally {
                hoarder.letGo();
                for (Socket peer : peers) {
                    peer.close();
                }
            }
        });
    }

    private void sendUntilClosed(Socket peer) throws InterruptedException {
        try {
            while (!peer.isClosed()) {
                peer.getOutputStream().write(sent);
            }
        } catch (IOException closed) {
            // is what was waited for
        }
    }

    /** Keeps what it is given once all channels are known to get bulk. */
    @ChannelHandler.Sharable
    private static final class Hoarder extends ChannelInboundHandlerAdapter {
        private final Set<ChannelId> getBulk = new HashSet<>();
        private final Set<ChannelId> exhausted = ConcurrentHashMap.newKeySet();
        private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        private final List<ChannelId> readers = new CopyOnWriteArrayList<>();
        private volatile boolean over;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf piece = (ByteBuf) message;
            if (piece.readableBytes() >= MANY_BYTES) {
                getBulk.add(context.channel().id());
            }
            if (getBulk.size() == CHANNELS && !over) {
                kept.add(piece);
                readers.add(context.channel().id());
            } else {
                piece.release();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            exhausted.add(context.channel().id());
        }

        /** The oldest piece, and those behind it in the same memory. */
        private void releaseBuffer() {
            long end = kept.peek().memoryAddress();
            for (Iterator<ByteBuf> pieces = kept.iterator(); pieces.hasNext(); ) {
                ByteBuf piece = pieces.next();
                if (piece.memoryAddress() == end) {
                    end += piece.readableBytes();
                    pieces.remove();
                    piece.release();
                }
            }
        }

        private void letGo() {
            over = true;
            for (ByteBuf piece = kept.poll(); piece != null; piece = kept.poll()) {
                piece.release();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneChannelAfterTheOtherReceivesIntoTheSameMemory(boolean shared) throws Exception {
        Turns turns = new Turns();
        with(shared, UringConfig.DEFAULT, () -> turns, tcp -> {
            List<Socket> peers = new ArrayList<>();
            for (int i = 0; i < CHANNELS; i++) {
                peers.add(tcp.connect());
            }
            List<Background> writers = new ArrayList<>();
            for (Socket peer : peers) {
                writers.add(Background.run(() -> {
                    try (OutputStream out = peer.getOutputStream()) {
                        out.write(sent);
                    }
                }));
            }
            await().atMost(LIMIT).until(() -> turns.received.get() == (long) CHANNELS * BYTES);
            for (Background writer : writers) {
                writer.join();
            }
            assertThat(turns.interleaved)
                    .as("pieces before another channel's loop ended")
                    .hasValue(0);
            assertThat(turns.memory).hasSize(1);
        });
    }

    /** Of channels that have had a quarter. */
    @ChannelHandler.Sharable
    private static final class Turns extends ChannelInboundHandlerAdapter {
        private final AtomicLong received = new AtomicLong();
        private final AtomicLong interleaved = new AtomicLong();
        private final Set<Long> memory = new HashSet<>();
        private final Map<ChannelId, Integer> receivedByEach = new HashMap<>();
        private ChannelHandlerContext reading;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf piece = (ByteBuf) message;
            received.addAndGet(piece.readableBytes());
            int ofIt = receivedByEach.merge(context.channel().id(), piece.readableBytes(), Integer::sum);
            boolean counts = ofIt > BYTES / 4 && piece.readableBytes() >= MANY_BYTES;
            if (counts) {
                memory.add(piece.memoryAddress());
                interleaved.addAndGet(reading != null && reading != context ? 1 : 0);
            }
            reading = counts ? context : null;
            piece.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            reading = null;
        }
    }
}
