// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * A program whose clients connect and reset the connection, before it is accepted, after it, with something sent, or in the
 * middle of a response; as often as its argument says. It prints what the server's process had a fifth of the way, and what it
 * has in the end.
 */
final class AbortedConnections {
    private static final int LOOPS = 2;
    private static final int CLIENTS = 4;
    private static final int BACKLOG = 4096;
    private static final int LIMIT_MILLIS = 20_000;
    private static final int POLL_MILLIS = 20;
    private static final int RESPONSE_BYTES = 1 << 20;
    private static final int SEND_BUFFER_BYTES = 64 << 10;
    private static final int REQUEST = 'R';
    private static final List<String> MEMORY = List.of("VmRSS", "VmLck", "VmPin");

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(LOOPS, UringIoHandler.newFactory());
    private final List<UringMetrics> metrics = new ArrayList<>();
    private final ByteBuf response = Unpooled.directBuffer(RESPONSE_BYTES).writeZero(RESPONSE_BYTES);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final Channel server;

    private AbortedConnections() throws InterruptedException {
        for (EventExecutor loop : group) {
            metrics.add(UringMetrics.of(loop));
        }
        server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .childHandler(new Server())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.nettyuring")).setLevel(Level.WARN);
        int cycles = Integer.parseInt(args[0]);
        AbortedConnections program = new AbortedConnections();
        program.run(cycles / 5);
        print("before", program.state());
        long start = System.nanoTime();
        program.run(cycles - cycles / 5);
        System.out.printf(
                "%d cycles in %d ms%n", cycles - cycles / 5, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        print("after", program.state());
        program.end();
    }

    /** Files come and go as classes are loaded. */
    private static boolean isNoFile(Path fd) {
        try {
            return !Files.readSymbolicLink(fd).toString().startsWith("/");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static void print(String when, Map<String, Long> state) {
        state.forEach((name, value) -> System.out.println(when + ' ' + name + ' ' + value));
    }

    /** Greets, and answers with more than the client reads. */
    @ChannelHandler.Sharable
    private final class Server extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRegistered(ChannelHandlerContext context) {
            accepted.incrementAndGet();
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext context) {
            ended.incrementAndGet();
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(context.alloc().directBuffer().writeByte('!'));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf request = (ByteBuf) message;
            if (request.getByte(request.readerIndex()) == REQUEST) {
                context.writeAndFlush(response.retainedDuplicate());
            }
            request.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                cause.printStackTrace(System.out);
            }
            context.close();
        }
    }

    private void run(int cycles) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        List<Future<?>> ends = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            int first = client;
            ends.add(clients.submit(() -> {
                for (int i = first; i < cycles; i += CLIENTS) {
                    connectAndAbort(i / CLIENTS);
                }
                return null;
            }));
        }
        clients.shutdown();
        for (Future<?> end : ends) {
            try {
                end.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a client failed", e.getCause());
            }
        }
    }

    private void connectAndAbort(int number) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoLinger(true, 0); // closing resets
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), LIMIT_MILLIS);
            switch (number % 8) {
                case 0, 1, 2 -> {} // most likely it is not accepted yet
                case 3, 4 -> socket.getOutputStream().write(new byte[100]);
                case 5, 6 -> socket.getInputStream().read(); // accepted
                default -> {
                    socket.getOutputStream().write(REQUEST);
                    InputStream in = socket.getInputStream();
                    if (in.readNBytes(1000).length != 1000) {
                        throw new IOException("the server closed a connection");
                    }
                }
            }
        }
    }

    private int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** What there is when the server is done with all connections. */
    private Map<String, Long> state() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
        while (!isQuiet() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        System.gc();
        Map<String, Long> state = new TreeMap<>();
        state.put("connections", accepted.get() - ended.get());
        state.put("operations", (long) operationsInFlight());
        state.put("references", (long) response.refCnt());
        for (BufferState inUse : List.of(BufferState.PIPELINE, BufferState.RETURNING)) {
            state.put("buffers." + inUse, sum(inUse));
        }
        state.put(
                "writesAfterReturn",
                metrics.stream().mapToLong(UringMetrics::writesAfterReturn).sum());
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            state.put("fds", fds.filter(AbortedConnections::isNoFile).count());
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            String[] words = line.split("[:\\s]+");
            if (MEMORY.contains(words[0])) {
                state.put(words[0] + ".KiB", Long.parseLong(words[1]));
            }
        }
        return state;
    }

    private boolean isQuiet() {
        return accepted.get() == ended.get()
                && operationsInFlight() == 1
                && sum(BufferState.PIPELINE) + sum(BufferState.RETURNING) == 0
                && response.refCnt() == 1;
    }

    private int operationsInFlight() {
        return metrics.stream().mapToInt(UringMetrics::operationsInFlight).sum();
    }

    private long sum(BufferState state) {
        return metrics.stream().mapToInt(loop -> loop.receiveBuffers(state)).sum();
    }

    private void end() throws InterruptedException {
        if (!group.shutdownGracefully(0, LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the loops do not end");
        }
        System.out.println("end operations " + operationsInFlight());
    }
}
