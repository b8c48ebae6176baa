// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.Arguments;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A reverse proxy for HTTP/1: heads are read and checked in user space, and large bodies spliced, so that their bytes never
 * leave the kernel: those with a {@code content-length}, large chunks of those without, and those that end with the
 * connection. Each client's connection has one to the origin of its own. Not there: TLS, upgrades, time limits.
 *
 * <pre>
 * java -cp 'example/target/classes:example/target/lib/*' dev.nettyuring.example.proxy.HttpProxy PORT ORIGIN_HOST ORIGIN_PORT
 * </pre>
 */
public final class HttpProxy implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int SHUTDOWN_LIMIT_SECONDS = 10;

    private final EventLoopGroup group;
    private final InetSocketAddress origin;
    private Channel listener;

    /** Nothing listens before {@link #start(int)}. */
    public HttpProxy(int threads, InetSocketAddress origin) {
        group = new MultiThreadIoEventLoopGroup(threads, UringIoHandler.newFactory());
        this.origin = origin;
    }

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     */
    public void start(int port) throws InterruptedException {
        listener = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        new HttpExchange((UringSocketChannel) channel, origin);
                    }
                })
                .bind("127.0.0.1", port)
                .sync()
                .channel();
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** The event loops, for their metrics. */
    public EventLoopGroup loops() {
        return group;
    }

    /** Closes all connections and ends the event loops. */
    @Override
    public void close() {
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
        group.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Serves until the process is told to end (Ctrl-C). */
    public static void main(String[] args) throws InterruptedException {
        if (args.length != 3) {
            System.err.println("usage: HttpProxy PORT ORIGIN_HOST ORIGIN_PORT");
            System.exit(2);
        }
        int port = Arguments.port(args, 0, 0);
        InetSocketAddress origin = new InetSocketAddress(args[1], Arguments.port(args, 2, 0));
        HttpProxy proxy = new HttpProxy(Runtime.getRuntime().availableProcessors(), origin);
        Runtime.getRuntime().addShutdownHook(new Thread(proxy::close));
        proxy.start(port);
        System.out.println("http://127.0.0.1:" + proxy.port() + "/ for " + origin + "; Ctrl-C ends it");
    }
}
