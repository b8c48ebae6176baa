// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A small HTTP/1.1 server on io_uring. What makes it one are two lines, in the constructor and in {@link #start}: the event
 * loops' {@link UringIoHandler} and the {@link UringServerSocketChannel}; the rest is as in any Netty server.
 */
public final class HttpServer implements AutoCloseable {
    private static final String ADDRESS = "127.0.0.1";
    private static final int BACKLOG = 1024;
    private static final int SHUTDOWN_LIMIT_SECONDS = 10;

    private final EventLoopGroup group;
    private final ServerStatistics statistics;
    private Channel listener;

    /** Nothing listens before {@link #start(int)}. */
    public HttpServer(int threads) {
        group = new MultiThreadIoEventLoopGroup(threads, UringIoHandler.newFactory());
        statistics = new ServerStatistics(group);
    }

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     * @throws IOException if the port cannot be had
     */
    public void start(int port) throws IOException, InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(statistics.traffic())
                                .addLast(new HttpServerCodec())
                                .addLast(new HelloHandler(statistics));
                    }
                });
        var bound = bootstrap.bind(ADDRESS, port).await();
        if (!bound.isSuccess()) {
            throw asIOException(bound.cause());
        }
        listener = bound.channel();
    }

    private static IOException asIOException(Throwable cause) {
        return cause instanceof IOException e ? e : new IOException(cause);
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** What it has served; can still be read when it has stopped. */
    public ServerStatistics statistics() {
        return statistics;
    }

    /** Stops listening, then closes the connections and ends the event loops. A second call is harmless. */
    @Override
    public void close() {
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
        group.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Serves until the process is told to end (Ctrl-C). */
    public static void main(String[] args) throws InterruptedException {
        HttpServerOptions options;
        try {
            options = HttpServerOptions.parse(args);
        } catch (IllegalArgumentException e) {
            fail(2, e.getMessage() + System.lineSeparator() + HttpServerOptions.USAGE);
            return;
        }
        if (!Uring.isAvailable()) {
            fail(1, "io_uring is not available: " + Uring.unavailabilityCause().getMessage());
        }
        HttpServer server = create(options.threads());
        try {
            server.start(options.port());
        } catch (IOException e) {
            server.close();
            fail(1, cannotListen(options.port(), e));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            System.out.println();
            System.out.println(server.statistics().summary());
        }));
        System.out.println("http://" + ADDRESS + ":" + server.port() + "/ (and /stats); Ctrl-C ends it");
        TransportReport.print(System.out);
    }

    private static HttpServer create(int threads) {
        try {
            return new HttpServer(threads);
        } catch (RuntimeException e) { // the kernel refuses a ring: too many, or no memory for it
            Throwable why = e;
            while (why.getCause() != null) {
                why = why.getCause();
            }
            fail(1, "cannot create " + threads + " event loops (--threads): " + why.getMessage());
            throw e;
        }
    }

    private static void fail(int exitCode, String message) {
        System.err.println(message);
        System.exit(exitCode);
    }

    private static String cannotListen(int port, IOException cause) {
        return "cannot listen on port " + port + " of " + ADDRESS + " (" + cause.getMessage()
                + "); choose another with --port N";
    }
}
