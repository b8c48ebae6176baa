// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.Leaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * A program that uses memory for as long as it may, and tells everything that is wrong. What it receives it changes in place, as
 * decoders do, keeps for a while, and looks at again; what it sends is overwritten on its release ({@link ScribbledBuffer}), and
 * is read only after all of it was sent, without copies.
 */
final class CheckedTransfers {
    /** Printed when nothing is wrong. */
    static final String SOUND = "every byte was right, and nothing is left";

    /** The beginning of what is printed of a byte that is not what was sent. */
    static final String WRONG_BYTE = "WRONG BYTE";

    private static final int KEPT_PIECES = 8;
    private static final int MASK = 0x5c;
    private static final int RECEIVE_BUFFER = 4096;
    private static final int RECEIVE_BUFFERS = 4;
    /** Less than a socket's send buffer takes. */
    private static final int BYTES = 192 << 10;

    /** Less than is sent at once, without an operation. */
    private static final int BYTES_A_WRITE = 12 << 10;

    private static final int SOCKET_BUFFER = 1 << 20;
    /** Less than is sent; less than a segment of the loopback interface would take a timer for each. */
    private static final int SMALL_SOCKET_BUFFER = 64 << 10;

    private static final byte[] SENT = pattern(0);
    /** The same after handlers have changed it. */
    private static final byte[] CHANGED = pattern(MASK);

    private static final int LIMIT_SECONDS = 30;
    private static final int POLL_MILLIS = 50;

    private final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private final EventLoopGroup loops;
    private final List<UringMetrics> metrics;

    private CheckedTransfers() {
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(RECEIVE_BUFFER)
                .receiveBuffers(RECEIVE_BUFFERS)
                .build();
        loops = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory(config));
        metrics = List.of(UringMetrics.of(loops.next()), UringMetrics.of(loops.next()));
    }

    /** The program. */
    public static void main(String[] arguments) throws Exception {
        Leaks.record();
        CheckedTransfers transfers = new CheckedTransfers();
        transfers.recordWarnings();
        transfers.transfer(false);
        transfers.transfer(true);
        transfers.end();
        transfers.problems.forEach(System.out::println);
        System.out.println(transfers.problems.isEmpty() ? SOUND : transfers.problems.size() + " problems");
        System.exit(transfers.problems.isEmpty() ? 0 : 1);
    }

    /** The loops warn of what they caught, assertions among it. */
    private void recordWarnings() {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                IThrowableProxy thrown = event.getThrowableProxy();
                problems.add("WARNING " + event.getFormattedMessage()
                        + (thrown == null ? "" : '\n' + ThrowableProxyUtil.asString(thrown)));
            }
        };
        appender.start();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
    }

    private static byte[] pattern(int mask) {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) ^ mask);
        }
        return bytes;
    }

    private void transfer(boolean zeroCopy) throws Exception {
        Receiver receiver = new Receiver();
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(UringServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, !zeroCopy)
                .option(ChannelOption.SO_RCVBUF, zeroCopy ? SMALL_SOCKET_BUFFER : SOCKET_BUFFER)
                .childHandler(receiver)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        Channel client = new Bootstrap()
                .group(loops)
                .channel(UringSocketChannel.class)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .option(UringChannelOption.ZERO_COPY, zeroCopy ? ZeroCopy.ALWAYS : ZeroCopy.NEVER)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server.localAddress())
                .sync()
                .channel();
        send(client, zeroCopy);
        receiver.startReading();
        long start = System.nanoTime();
        while (!receiver.all.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && problems.isEmpty()) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                problems.add("received " + receiver.received + " of " + BYTES + " bytes in time");
            }
        }
        client.close().sync();
        server.close().sync();
    }

    /** Ends when all was sent, or, if the socket took less, soon. */
    private void send(Channel client, boolean zeroCopy) throws InterruptedException {
        ChannelFuture last = null;
        for (int offset = 0; offset < BYTES; offset += BYTES_A_WRITE) {
            ByteBuf buf = zeroCopy
                    ? new ScribbledBuffer(BYTES_A_WRITE)
                    : client.alloc().directBuffer(BYTES_A_WRITE);
            last = client.writeAndFlush(buf.writeBytes(SENT, offset, BYTES_A_WRITE));
        }
        last.await(zeroCopy ? 1 : LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private void end() throws Exception {
        loops.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!loops.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            problems.add("the loops do not end");
        }
        for (UringMetrics one : metrics) {
            long start = System.nanoTime();
            while (one.operationsInFlight() > 0
                    && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                Thread.sleep(1);
            }
            requireNone(one.operationsInFlight(), "operations are in flight");
            requireNone(one.writesAfterReturn(), "receive buffers were written to after their return");
            for (BufferState state : List.of(BufferState.KERNEL, BufferState.PIPELINE, BufferState.RETURNING)) {
                requireNone(one.receiveBuffers(state), "receive buffers are in state " + state);
            }
        }
        Leaks.find().forEach(leak -> problems.add("LEAK " + leak));
    }

    private void requireNone(long count, String what) {
        if (count != 0) {
            problems.add(count + " " + what);
        }
    }

    private record Piece(ByteBuf buf, int offset) {}

    private final class Receiver extends ChannelInboundHandlerAdapter {
        private final Deque<Piece> kept = new ArrayDeque<>();
        private final CountDownLatch active = new CountDownLatch(1);
        private final CountDownLatch all = new CountDownLatch(1);
        private volatile Channel channel;
        private int received;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            active.countDown();
        }

        void startReading() throws InterruptedException {
            active.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            channel.config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Piece piece = new Piece((ByteBuf) message, received);
            received += piece.buf.readableBytes();
            check(piece, SENT);
            piece.buf.setBytes(piece.buf.readerIndex(), CHANGED, piece.offset, piece.buf.readableBytes());
            kept.add(piece);
            while (kept.size() > KEPT_PIECES || (received == BYTES && !kept.isEmpty())) {
                Piece first = kept.remove();
                check(first, CHANGED);
                first.buf.release();
            }
            if (received == BYTES) {
                all.countDown();
            }
        }

        private void check(Piece piece, byte[] expected) {
            byte[] bytes = new byte[piece.buf.readableBytes()];
            piece.buf.getBytes(piece.buf.readerIndex(), bytes);
            int at = Arrays.mismatch(bytes, 0, bytes.length, expected, piece.offset, piece.offset + bytes.length);
            if (at >= 0) {
                problems.add(String.format(
                        "%s %d is %02x and not %02x",
                        WRONG_BYTE, piece.offset + at, bytes[at], expected[piece.offset + at]));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            problems.add("failed: " + cause);
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            kept.forEach(piece -> piece.buf.release());
            kept.clear();
            all.countDown();
        }
    }
}
