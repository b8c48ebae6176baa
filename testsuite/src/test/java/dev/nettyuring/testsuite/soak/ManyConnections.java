// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.Leaks;
import dev.nettyuring.testsuite.OpenFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A server on one loop, {@code CONNECTIONS}, and processes with the clients, half of them each. */
public final class ManyConnections {
    /** Printed when all went well. */
    static final String DONE = "all echoed, all closed, nothing left";

    private static final int CLIENTS = 2;
    private static final int BACKLOG = 4096;
    private static final long RECEIVE_MEMORY = 8 << 20;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(300);
    private static final double MIB = 1 << 20;

    private ManyConnections() {}

    /** The server's process. */
    public static void main(String[] arguments) throws Exception {
        int connections = Integer.parseInt(arguments[0]);
        Leaks.record();
        UringConfig config =
                UringConfig.builder().receiveMemoryLimit(RECEIVE_MEMORY).build();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config));
        UringMetrics metrics = UringMetrics.of(loop.next());
        Echo echo = new Echo();
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(echo)
                .bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0))
                .sync()
                .channel();
        long before = sockets();
        long start = System.nanoTime();
        List<Process> clients =
                startClients(((InetSocketAddress) server.localAddress()).getPort(), connections / CLIENTS);
        for (Process client : clients) {
            require(
                    new String(client.getInputStream().readNBytes(ManyClients.DONE.length())).equals(ManyClients.DONE),
                    "a client fails");
        }
        Usage busy = Usage.of(List.of(metrics));
        System.out.printf(
                "%d connections on one loop in %.1f s: %s; pauses for memory %d, overflows %d, %.1f MiB echoed%n",
                echo.open.get(),
                (System.nanoTime() - start) / 1e9,
                busy,
                metrics.bufferExhaustions(),
                metrics.completionOverflows(),
                echo.bytes / MIB);
        require(echo.open.get() == connections / CLIENTS * CLIENTS, "not all are open");
        require(busy.receiveMemory <= RECEIVE_MEMORY, "more receive memory than the limit");
        for (Process client : clients) {
            client.getOutputStream().close(); // it closes its connections
        }
        await("connections end", () -> echo.open.get() == 0);
        await("sockets are closed", () -> sockets() == before);
        await("only the accept is in flight", () -> metrics.operationsInFlight() == 1);
        await("buffers come back", () -> metrics.receiveBuffers(BufferState.PIPELINE) == 0);
        server.close().sync();
        loop.shutdownGracefully(0, 60, TimeUnit.SECONDS).sync();
        require(metrics.operationsInFlight() == 0, "operations are in flight");
        require(Leaks.find().isEmpty(), "leaks");
        for (Process client : clients) {
            require(client.waitFor() == 0, "a client fails at the end");
        }
        System.out.println(DONE);
    }

    private static List<Process> startClients(int port, int connections) throws IOException {
        List<Process> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            List<String> command = ChildJvm.command("-Xmx256m", "-Dio.netty.leakDetection.level=disabled");
            command.addAll(List.of(ManyClients.class.getName(), Integer.toString(port), Integer.toString(connections)));
            clients.add(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }
        return clients;
    }

    private static long sockets() {
        return OpenFiles.count(target -> target.startsWith("socket:"));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            require(System.nanoTime() - start < LIMIT_NANOS, "not in time: " + what);
            Thread.sleep(20);
        }
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        final AtomicInteger open = new AtomicInteger();
        volatile long bytes;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            open.incrementAndGet();
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // the loop alone writes it
        public void channelRead(ChannelHandlerContext context, Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            context.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            open.decrementAndGet();
        }
    }
}
