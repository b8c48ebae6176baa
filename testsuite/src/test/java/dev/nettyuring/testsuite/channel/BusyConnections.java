// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Connections whose peers send for as long as the connection exists, and do not read. The server sends what it receives back
 * as far as the kernel takes it, and keeps some of it. The loops have few and small buffers, so that each is used again soon.
 */
final class BusyConnections implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final int LOOPS = 2;
    private static final int BUFFER_SIZE = 4096;
    private static final int BUFFERS = 4;
    private static final int MEMORY = 64 << 20;
    /** Nobody reads what is sent by zero copy, which keeps this, twice, for each connection: all of them keep less than there is. */
    private static final int SEND_BUFFER = 64 << 10;

    private static final int BYTES_AT_ONCE = 10_000;
    private static final int KEPT_EVERY = 16;

    private final EventLoopGroup group;
    private final List<UringMetrics> metrics = new ArrayList<>();
    private final Tcp tcp;
    private final List<Socket> peers = new ArrayList<>();
    private final List<Background> sending = new ArrayList<>();
    private final List<UringSocketChannel> channels = new ArrayList<>();
    private final Queue<Future<?>> futures = new ConcurrentLinkedQueue<>();
    private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean throwing;
    private volatile boolean over;

    BusyConnections(int connections, Consumer<ServerBootstrap> options) throws Exception {
        group = new MultiThreadIoEventLoopGroup(
                LOOPS,
                UringIoHandler.newFactory(UringConfig.builder()
                        .receiveBufferSize(BUFFER_SIZE)
                        .receiveBuffers(BUFFERS)
                        .receiveMemoryLimit(MEMORY)
                        .build()));
        group.forEach(loop -> metrics.add(UringMetrics.of(loop)));
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(group).childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER);
        options.accept(bootstrap);
        tcp = Tcp.serve(bootstrap, Server::new);
        byte[] bytes = random(BYTES_AT_ONCE);
        for (int i = 0; i < connections; i++) {
            Socket peer = tcp.connect();
            peers.add(peer);
            channels.add((UringSocketChannel) tcp.accepted());
            sending.add(Background.run(() -> send(peer, bytes)));
        }
    }

    private static void send(Socket peer, byte[] bytes) {
        try {
            while (true) {
                peer.getOutputStream().write(bytes);
            }
        } catch (IOException connectionIsGone) {
            // as it is meant to be
        }
    }

    private final class Server extends ChannelInboundHandlerAdapter {
        private int reads;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf piece = (ByteBuf) message;
            received.addAndGet(piece.readableBytes());
            if (throwing) {
                piece.release();
                throw new IllegalStateException("thrown on purpose");
            }
            if (reads++ % KEPT_EVERY == 0 && !over) {
                keep(piece.retainedSlice());
            }
            if (context.channel().isWritable()) {
                futures.add(context.writeAndFlush(piece));
            } else {
                piece.release();
            }
        }

        /** Until a few more came. */
        private void keep(ByteBuf piece) {
            kept.add(piece);
            if (kept.size() > BUFFERS) {
                ByteBuf first = kept.poll();
                if (first != null) {
                    first.release();
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            futures.add(context.close());
        }
    }

    /** One after another, in the order of the {@link #peers()}. */
    List<UringSocketChannel> channels() {
        return channels;
    }

    List<Socket> peers() {
        return peers;
    }

    EventLoopGroup group() {
        return group;
    }

    /** From now on every {@code channelRead} throws. */
    void throwFromHandlers() {
        throwing = true;
    }

    /** What must be done in the end, in whatever way. */
    <F extends Future<?>> F expect(F future) {
        futures.add(future);
        return future;
    }

    /** Waits until the server has received so much more. */
    void awaitReceived(long bytes) {
        long enough = received.get() + bytes;
        await().atMost(LIMIT).until(() -> received.get() >= enough);
    }

    private int sum(BufferState state) {
        return metrics.stream().mapToInt(loop -> loop.receiveBuffers(state)).sum();
    }

    private int operationsInFlight() {
        return metrics.stream().mapToInt(UringMetrics::operationsInFlight).sum();
    }

    /** All connections are over, or about to be: checks that nothing is left of them. */
    void assertNothingIsLeft() throws Exception {
        for (UringSocketChannel channel : channels) {
            assertThat(channel.closeFuture().await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("%s is closed", channel)
                    .isTrue();
        }
        for (Background peer : sending) {
            peer.join();
        }
        releaseKept();
        for (Future<?> future : futures) {
            assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("%s is done", future)
                    .isTrue();
        }
        int accepts = group.isShuttingDown() ? 0 : 1;
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(operationsInFlight()).as("operations in flight").isEqualTo(accepts);
            assertThat(sum(BufferState.PIPELINE)).as("buffers in use").isZero();
        });
    }

    private void releaseKept() throws Exception {
        over = true;
        Background.run(() -> {
                    for (ByteBuf piece = kept.poll(); piece != null; piece = kept.poll()) {
                        piece.release();
                    }
                })
                .join();
    }

    /** Ends the loops, and checks that all memory came back, and came back untouched if this is poison mode. */
    @Override
    public void close() throws Exception {
        for (Socket peer : peers) {
            peer.close();
        }
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("the loops end in time")
                .isTrue();
        releaseKept();
        await().atMost(LIMIT).until(() -> operationsInFlight() == 0);
        for (BufferState state : List.of(BufferState.KERNEL, BufferState.PIPELINE, BufferState.RETURNING)) {
            assertThat(sum(state)).as("buffers in state %s", state).isZero();
        }
        assertThat(metrics.stream().mapToLong(UringMetrics::writesAfterReturn).sum())
                .as("buffers written to after they were released")
                .isZero();
    }
}
