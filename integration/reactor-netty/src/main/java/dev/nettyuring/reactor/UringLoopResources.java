// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.netty.FutureMono;
import reactor.netty.resources.LoopResources;

/**
 * Event loops and channels of io_uring for Reactor Netty: {@code HttpServer.create().runOn(UringLoopResources.create("http"))},
 * and likewise for its clients, for TCP and for UDP; with Unix domain sockets where a {@code DomainSocketAddress} is given. A
 * client that runs on them resolves names on them, too.
 *
 * <p>Servers, clients and the accepting of connections share the loops; what a handler of a server's connection connects to
 * stays on its loop. There is no other transport to fall back to, so {@code preferNative} means nothing here. Loops block for
 * nobody: {@code block()} on them throws, as with Reactor Netty's own.
 *
 * <p>Whoever creates them disposes of them, when the servers and clients that run on them are done. Any thread may use them.
 * Needs Linux 6.1.
 */
public final class UringLoopResources implements LoopResources {
    private final EventLoopGroup loops;
    private final boolean daemon;
    /** Made when a client first needs them, since that starts all their threads. */
    private EventLoopGroup colocated;

    private UringLoopResources(String prefix, int workerCount, boolean daemon, IoHandlerFactory handlers) {
        this.daemon = daemon;
        loops = new MultiThreadIoEventLoopGroup(workerCount, new LoopThreads(prefix, daemon), handlers);
    }

    /**
     * As many loops as Reactor Netty has by default ({@link LoopResources#DEFAULT_IO_WORKER_COUNT}), of daemon threads.
     *
     * @param prefix of the threads' names
     * @throws UnsupportedOperationException if io_uring is not available, with the reason
     */
    public static UringLoopResources create(String prefix) {
        return create(prefix, DEFAULT_IO_WORKER_COUNT, true);
    }

    /**
     * So many loops, with the default configuration.
     *
     * @param prefix of the threads' names
     * @param workerCount how many loops, each with one thread and one io_uring
     * @param daemon whether their threads let the JVM end while they run
     * @throws UnsupportedOperationException if io_uring is not available, with the reason
     * @throws IllegalArgumentException if there are to be none
     */
    public static UringLoopResources create(String prefix, int workerCount, boolean daemon) {
        return create(prefix, workerCount, daemon, UringConfig.DEFAULT);
    }

    /**
     * So many loops.
     *
     * @param prefix of the threads' names
     * @param workerCount how many loops, each with one thread and one io_uring
     * @param daemon whether their threads let the JVM end while they run
     * @param config of their io_urings and their memory
     * @throws UnsupportedOperationException if io_uring is not available, with the reason
     * @throws IllegalArgumentException if there are to be none
     */
    public static UringLoopResources create(String prefix, int workerCount, boolean daemon, UringConfig config) {
        if (workerCount < 1) {
            throw new IllegalArgumentException("workerCount " + workerCount + " (expected: 1 or more)");
        }
        return new UringLoopResources(prefix, workerCount, daemon, UringIoHandler.newFactory(config));
    }

    @Override
    public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
        return UringChannelType.of(channelType).create();
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup group) {
        return UringChannelType.of(channelType).type();
    }

    @Override
    public EventLoopGroup onServer(boolean preferNative) {
        return loops;
    }

    @Override
    public EventLoopGroup onServerSelect(boolean preferNative) {
        return loops;
    }

    @Override
    public synchronized EventLoopGroup onClient(boolean preferNative) {
        if (colocated == null) {
            colocated = LoopResources.colocate(loops);
        }
        return colocated;
    }

    @Override
    public boolean daemon() {
        return daemon;
    }

    @Override
    public boolean isDisposed() {
        return loops.isShuttingDown();
    }

    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.defer(() -> {
            loops.shutdownGracefully(quietPeriod.toMillis(), timeout.toMillis(), TimeUnit.MILLISECONDS);
            return FutureMono.from(ended());
        });
    }

    /** Netty says of a termination only that it is over. */
    @SuppressWarnings("unchecked")
    private io.netty.util.concurrent.Future<Void> ended() {
        return (io.netty.util.concurrent.Future<Void>) loops.terminationFuture();
    }
}
