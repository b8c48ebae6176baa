// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.testsuite.OpenFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on io_uring, at a free port of 127.0.0.1, which checks when it is closed that nothing went wrong or is left. */
final class InteropServer implements AutoCloseable {
    private static final int THREADS = 2;

    /** An echoed body until its client reads; of every connection a request, or a record of TLS, that is not whole. */
    private static final int KEPT_BYTES = 2 * Payload.LARGE;

    private final UringLoops loops = new UringLoops(THREADS, KEPT_BYTES);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Security security;
    private final Application application;
    private final int port;

    private InteropServer(Security security, Application application) throws IOException {
        this.security = security;
        this.application = application;
        SslContext tls = security.forServer(application.applicationProtocols());
        Channel listener = new ServerBootstrap()
                .group(loops.group())
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.incrementAndGet();
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        application.install(channel.pipeline(), tls != null, InteropServer.this::failed);
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        port = ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Starts one; skips the test if this sort of TLS is not to be had. */
    static InteropServer start(Security security, Application application) throws IOException {
        security.assumeAvailable();
        return new InteropServer(security, application);
    }

    /** A client that goes away is no failure; whatever else comes up in a handler is. */
    private void failed(Throwable cause) {
        if (!(cause instanceof IOException)) {
            failures.add(cause);
        }
    }

    Security security() {
        return security;
    }

    Application application() {
        return application;
    }

    int port() {
        return port;
    }

    UringLoops loops() {
        return loops;
    }

    /** Connections accepted so far. */
    int connections() {
        return connections.get();
    }

    /** The address of a resource, over HTTP or HTTPS. */
    URI uri(String pathAndQuery) {
        return URI.create((security.isTls() ? "https" : "http") + "://127.0.0.1:" + port + pathAndQuery);
    }

    @Override
    public void close() {
        loops.close();
        assertThat(OpenFiles.socketsOfPort(port))
                .as("sockets of the server that are open")
                .isZero();
        assertThat(failures).as("what the server's handlers did not expect").isEmpty();
    }
}
