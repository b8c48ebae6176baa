// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;

/** The connections of a seed. */
final class Workload {
    private static final int MAX_CONNECTIONS = 24;

    private final Random random;
    final ScheduledExecutorService others;
    final Path file;
    final List<Connection> connections = new ArrayList<>();
    final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
    final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Queue<ChannelFuture> writes = new ConcurrentLinkedQueue<>();
    /** Whether handlers close at any time, and throw. */
    final boolean closesEarly;

    final boolean throwsInHandlers;
    /** Whether channels go from loop to loop. */
    final boolean moves;
    /** Whether the loops end in the middle of it, and take no tasks then. */
    final boolean loopsMayEnd;

    private final boolean domain;
    private final boolean zeroCopy;
    private final boolean slabAllocator;
    private final boolean smallSocketBuffers;

    private final Random moveRandom;

    private EventLoopGroup loops;
    private Channel server;

    /** What handlers throw on purpose. */
    static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown() {
            super("on purpose", null, false, false);
        }
    }

    Workload(Random random, ScheduledExecutorService others, Path file, boolean loopsMayEnd, Random moves) {
        this.random = random;
        this.others = others;
        this.file = file;
        this.loopsMayEnd = loopsMayEnd;
        closesEarly = random.nextInt(3) == 0;
        throwsInHandlers = random.nextInt(3) == 0;
        domain = random.nextInt(4) == 0;
        zeroCopy = random.nextInt(3) == 0;
        slabAllocator = random.nextInt(3) == 0;
        smallSocketBuffers = random.nextBoolean();
        moveRandom = moves;
        this.moves = !loopsMayEnd && moves.nextInt(3) == 0;
    }

    /** Whether something happens that does so once in so many times; not of the connections' own numbers. */
    boolean decides(int times) {
        return moveRandom.nextInt(times) == 0;
    }

    EventLoop nextLoop() {
        return loops.next();
    }

    void begin(EventLoopGroup loops, Path socketFile) throws Exception {
        SocketAddress address = domain
                ? new DomainSocketAddress(socketFile.toString())
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(domain ? UringServerDomainSocketChannel.class : UringServerSocketChannel.class)
                .handler(new ServerHandler())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        configure(channel);
                        accepted.add(channel);
                        channel.pipeline().addLast(new Endpoint(Workload.this, null, new Random(newSeed())));
                    }
                });
        server = bootstrap.bind(address).sync().channel();
    }

    private synchronized long newSeed() {
        return random.nextLong();
    }

    /** Opens the connections; faults may be by now. */
    void connect(EventLoopGroup loops) {
        this.loops = loops;
        int count = 1 + random.nextInt(MAX_CONNECTIONS);
        for (int i = 0; i < count; i++) {
            connections.add(new Connection(i, random.nextInt(), random.nextInt()));
        }
        for (Connection connection : connections) {
            Random own = new Random(newSeed());
            Endpoint endpoint = new Endpoint(this, connection, own);
            connection.client = endpoint;
            ChannelFuture connect = new Bootstrap()
                    .group(loops)
                    .channel(domain ? UringDomainSocketChannel.class : UringSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            configure(channel);
                            channel.pipeline().addLast(endpoint);
                        }
                    })
                    .connect(server.localAddress());
            connection.channel = connect.channel();
            connect.addListener(future -> {
                if (!future.isSuccess()) {
                    endpoint.failed(future.cause());
                }
            });
        }
    }

    private synchronized void configure(Channel channel) {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        ByteBufAllocator allocator = slabAllocator ? UringByteBufAllocator.DEFAULT : PooledByteBufAllocator.DEFAULT;
        channel.config().setAllocator(allocator);
        channel.config().setOption(UringChannelOption.ZERO_COPY, zeroCopy ? ZeroCopy.ALWAYS : ZeroCopy.AUTO);
        if (smallSocketBuffers) { // smaller ones make zero copy wait for the peer's delayed acknowledgements
            channel.config().setOption(ChannelOption.SO_SNDBUF, (zeroCopy ? 65_536 : 8192) << random.nextInt(4));
            if (!domain) { // less than a segment of the loopback interface takes a timer for each
                channel.config().setOption(ChannelOption.SO_RCVBUF, 65_536 << random.nextInt(3));
            }
        }
    }

    Connection connection(int index) {
        return index >= 0 && index < connections.size() ? connections.get(index) : null;
    }

    /** Not by a listener, which a loop that has ended does not call. */
    ChannelFuture written(ChannelFuture write) {
        writes.add(write);
        return write;
    }

    long unansweredWrites() {
        return writes.stream().filter(write -> !write.isDone()).count();
    }

    Channel server() {
        return server;
    }

    /** Something that must not be. */
    void fault(String text) {
        faults.add(text);
    }

    @Override
    public String toString() {
        return connections.size() + (domain ? " Unix" : " TCP") + " connections"
                + (closesEarly ? ", closed at any time" : "") + (throwsInHandlers ? ", handlers throw" : "")
                + (moves ? ", moved" : "")
                + (zeroCopy ? ", zero copy" : "") + (slabAllocator ? ", slabs" : "")
                + (smallSocketBuffers ? ", small socket buffers" : "");
    }

    /** Two endpoints and what goes between. */
    static final class Connection {
        final int index;
        final Direction up;
        final Direction down;
        Channel channel;
        Endpoint client;
        volatile Endpoint server;

        Connection(int index, int up, int down) {
            this.index = index;
            this.up = new Direction(up);
            this.down = new Direction(down);
        }

        private boolean excused() {
            return client.isExcused() || (server != null && server.isExcused());
        }

        /** What is wrong after its end, or {@code null}. */
        String fault(boolean mayFail) {
            if (!mayFail && client.failure != null && !excusedByEnd()) {
                return this + ": failed without reason";
            }
            boolean endedBeforeItsName = server == null && mayFail;
            if (excused() || endedBeforeItsName) {
                return null;
            }
            boolean whole = server != null
                    && up.shutdown
                    && up.ended
                    && down.shutdown
                    && down.ended
                    && up.received() == up.written()
                    && down.received() == down.written();
            return whole ? null : this + ": neither side failed, but not all came";
        }

        private boolean excusedByEnd() {
            return client.early || (server != null && server.early);
        }

        @Override
        public String toString() {
            return "connection " + index + " (up: " + up + "; down: " + down + "; client: " + client + "; server: "
                    + server + ')';
        }
    }

    private static final class ServerHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // accepting is tried again
        }
    }
}
