// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Loops whose connections all have something under way that does not end by itself: sends in plain, by zero copy, of files,
 * splices, reads into buffers, connections that are not accepted, and traffic there and back; and threads that write more.
 */
final class BusyLoops implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final int MEMORY = 64 << 20;
    private static final int MUCH = 1 << 20;
    private static final int SOME = 1000;
    private static final int SOCKET_BUFFER = 64 << 10;
    private static final int BACKLOG = 4096;
    private static final int WRITERS = 2;
    private static final int CONNECTING = 10;
    private static final int WRITES_AT_ONCE = 10;
    private static final long JOIN_LIMIT_MILLIS = 60_000;

    private final EventLoopGroup ending;
    private final EventLoopGroup staying;
    private final Path file;
    private final ServerSocket full;
    private final Channel server;
    /** Not one that the leak detector tracks, with a record of each of a great many uses. */
    private final ByteBuf much = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(MUCH));

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger echoed = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final List<Channel> peers = new ArrayList<>();
    private final List<Channel> datagrams = new ArrayList<>();
    private final List<Thread> writers = new ArrayList<>();
    private final Queue<Future<?>> futures = new ConcurrentLinkedQueue<>();
    private volatile UringSocketChannel splicedBefore;
    private volatile boolean stopped;
    final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();

    /** @param staying where the peers are */
    BusyLoops(EventLoopGroup ending, EventLoopGroup staying, Path file) throws Exception {
        this.ending = ending;
        this.staying = staying;
        this.file = file;
        full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server = new ServerBootstrap()
                .group(ending)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Echo(echoed));
                        channel.eventLoop().execute(() -> begin((UringSocketChannel) channel));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    static EventLoopGroup newGroup() {
        return new MultiThreadIoEventLoopGroup(
                LOOPS,
                new DefaultThreadFactory("ending", true),
                UringIoHandler.newFactory(Loops.configuration(MEMORY)));
    }

    /** So many, whose peers either echo or do not read at all; and some that wait to be connected. */
    void connect(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            peers.add(new Bootstrap()
                    .group(staying)
                    .channel(UringSocketChannel.class)
                    .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                    .handler(new Echo(new AtomicInteger()))
                    .connect(server.localAddress())
                    .sync()
                    .channel());
        }
        for (int i = 0; i < CONNECTING; i++) {
            connectInVain();
        }
        for (int i = 0; i < LOOPS; i++) {
            Channel udp = new Bootstrap()
                    .group(ending)
                    .channel(UringDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            datagrams.add(udp);
        }
    }

    private void connectInVain() {
        futures.add(new Bootstrap()
                .group(ending)
                .channel(UringSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(full.getLocalSocketAddress()));
    }

    /** On the loop of a connection that was just accepted. */
    private void begin(UringSocketChannel channel) {
        int number = numbers.getAndIncrement();
        accepted.add(channel);
        futures.add(channel.closeFuture());
        switch (number % 6) {
            case 0:
                stopReading(channel);
                futures.add(channel.writeAndFlush(much.retainedDuplicate()));
                break;
            case 1:
                stopReading(channel);
                channel.config().setOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS);
                futures.add(channel.writeAndFlush(much.retainedDuplicate()));
                break;
            case 2:
                stopReading(channel);
                futures.add(channel.writeAndFlush(
                        new DefaultFileRegion(file.toFile(), 0, file.toFile().length())));
                break;
            case 3:
                channel.config().setAutoRead(false);
                splice(channel);
                break;
            case 4:
                channel.config().setAutoRead(false);
                ByteBuf buffer = channel.alloc().directBuffer(SOME);
                channel.eventLoop().execute(() -> {
                    futures.add(channel.readInto(buffer));
                    buffer.release();
                });
                break;
            default:
                futures.add(channel.writeAndFlush(much.retainedSlice(0, SOME))); // there and back for ever
        }
    }

    /** So that the peer, which echoes, is stuck as well. */
    private static void stopReading(Channel channel) {
        channel.config().setAutoRead(false);
    }

    /** To the connection that spliced before; what arrives for that is its peer's own. */
    private void splice(UringSocketChannel channel) {
        UringSocketChannel before = splicedBefore;
        splicedBefore = channel;
        if (before != null) {
            futures.add(channel.spliceTo(before, Long.MAX_VALUE));
            futures.add(before.writeAndFlush(much.retainedSlice(0, SOME)));
        }
    }

    /** Some threads write to all connections, connect, and close, until they are stopped. */
    void writeFromOutside() {
        Channel[] channels = accepted.toArray(new Channel[0]);
        for (int i = 0; i < WRITERS; i++) {
            int first = i;
            Thread writer = new Thread(() -> write(channels, first), "writer " + i);
            writer.start();
            writers.add(writer);
        }
    }

    private void write(Channel[] channels, int first) {
        for (int i = first; !stopped; i += WRITERS) {
            Channel channel = channels[i % channels.length];
            futures.add(channel.writeAndFlush(much.retainedSlice(0, SOME)));
            Channel udp = datagrams.get(i % datagrams.size());
            futures.add(udp.writeAndFlush(
                    new DatagramPacket(much.retainedSlice(0, SOME), (InetSocketAddress) udp.localAddress())));
            if (i / WRITERS % WRITES_AT_ONCE == 0) {
                pause();
            }
            if (ending.isShuttingDown() && i / WRITERS % SOME == 0) {
                connectInVain();
                futures.add(channel.close());
            }
        }
        answered.incrementAndGet();
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there has been traffic. */
    boolean isInFullSwing() {
        return echoed.get() > accepted.size();
    }

    void stopWriting() throws InterruptedException {
        stopped = true;
        for (Thread writer : writers) {
            writer.join(JOIN_LIMIT_MILLIS);
        }
        if (answered.get() != writers.size()) {
            throw new IllegalStateException("a writer does not end");
        }
    }

    int promises() {
        return futures.size();
    }

    List<Future<?>> unanswered() {
        return futures.stream().filter(future -> !future.isDone()).limit(SOME).collect(Collectors.toList());
    }

    /** How many writes still hold on to what they were to write. */
    int unreleased() {
        return much.refCnt() - 1;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stopped = true;
        for (Channel peer : peers) {
            peer.close().sync();
        }
        ending.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        full.close();
    }

    /** Sends back what comes, and counts it. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        private final AtomicInteger count;

        Echo(AtomicInteger count) {
            this.count = count;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            count.incrementAndGet();
            context.writeAndFlush(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
