// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** A server that listens, and how to end it: what the examples have in common. */
public final class RunningServer implements AutoCloseable {
    private static final int SHUTDOWN_LIMIT_SECONDS = 10;

    private final EventLoopGroup group;
    private final Channel listener;
    private final Runnable farewell;

    private RunningServer(EventLoopGroup group, Channel listener, Runnable farewell) {
        this.group = group;
        this.listener = listener;
        this.farewell = farewell;
    }

    /**
     * Waits until a server listens. If it cannot, its event loops are ended.
     *
     * @throws IOException if the address cannot be had
     */
    public static RunningServer of(EventLoopGroup group, ChannelFuture bound) throws IOException, InterruptedException {
        return of(group, bound, () -> {});
    }

    /**
     * The same.
     *
     * @param farewell what is to be done while the connections are still open, when nobody can connect any more
     */
    public static RunningServer of(EventLoopGroup group, ChannelFuture bound, Runnable farewell)
            throws IOException, InterruptedException {
        if (bound.await().isSuccess()) {
            return new RunningServer(group, bound.channel(), farewell);
        }
        group.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS);
        throw new IOException(bound.cause().getMessage(), bound.cause());
    }

    /** Where it listens. */
    public SocketAddress address() {
        return listener.localAddress();
    }

    /** The port it listens on, if it is one of TCP or UDP. */
    public int port() {
        return ((InetSocketAddress) address()).getPort();
    }

    /** Has the server closed when the process is told to end (Ctrl-C), and says so. */
    public void endWithProcess(String introduction) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        System.out.println(introduction + "; Ctrl-C ends it");
    }

    /** Stops listening, then closes the connections and ends the event loops. A second call is harmless. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        farewell.run();
        group.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
