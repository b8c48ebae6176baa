// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.ServerDomainSocketChannel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/**
 * One way to do network I/O, as a matched set: the event loops' handlers, and the channel classes that run on them. Chosen by
 * {@link Transports#best()}. Immutable; any thread.
 */
public final class Transport {
    /** {@link #name()} of the transport of this project. */
    public static final String IO_URING = "io_uring";
    /** {@link #name()} of Netty's epoll transport. */
    public static final String EPOLL = "epoll";
    /** {@link #name()} of Netty's transport on the JDK's selectors. */
    public static final String NIO = "nio";

    private final Kind kind;
    private final int threads;
    private final Map<String, String> whyNot;

    Transport(Kind kind, int threads, Map<String, String> whyNot) {
        this.kind = kind;
        this.threads = threads;
        this.whyNot = Collections.unmodifiableMap(new LinkedHashMap<>(whyNot));
    }

    /** What a transport consists of. */
    record Kind(
            String name,
            IoHandlerFactory factory,
            Class<? extends ServerSocketChannel> server,
            Class<? extends SocketChannel> client,
            Class<? extends DatagramChannel> datagram,
            Domain domain) {}

    /** The classes for Unix domain sockets. */
    record Domain(
            Class<? extends ServerDomainSocketChannel> server,
            Class<? extends DomainSocketChannel> client,
            Class<? extends DomainDatagramChannel> datagram) {}

    /** {@link #IO_URING}, {@link #EPOLL} or {@link #NIO}. */
    public String name() {
        return kind.name();
    }

    /** The transports that are better and cannot be used here: their names, and why, each in one line that says what to do. */
    public Map<String, String> whyNot() {
        return whyNot;
    }

    /** For a {@link MultiThreadIoEventLoopGroup}. */
    public IoHandlerFactory ioHandlerFactory() {
        return kind.factory();
    }

    /** How many event loops it was chosen for. */
    public int threads() {
        return threads;
    }

    /**
     * A group of {@link #threads()} event loops.
     *
     * @throws IllegalStateException if one of them cannot be made although that worked when the transport was chosen: others
     *     have taken the memory or file descriptors since
     */
    public MultiThreadIoEventLoopGroup newGroup() {
        return newGroup(threads);
    }

    /**
     * A group of event loops.
     *
     * @param threads how many; 0 for {@link #threads()}. More than that were not tried when the transport was chosen.
     * @throws IllegalStateException if one of them cannot be made
     */
    public MultiThreadIoEventLoopGroup newGroup(int threads) {
        return new MultiThreadIoEventLoopGroup(threads == 0 ? this.threads : threads, kind.factory());
    }

    /**
     * A group of event loops whose threads are of {@code threadFactory}.
     *
     * @param threads how many; 0 for {@link #threads()}. More than that were not tried when the transport was chosen.
     * @throws IllegalStateException if one of them cannot be made
     */
    public MultiThreadIoEventLoopGroup newGroup(int threads, ThreadFactory threadFactory) {
        return new MultiThreadIoEventLoopGroup(threads == 0 ? this.threads : threads, threadFactory, kind.factory());
    }

    /** For {@link io.netty.bootstrap.ServerBootstrap#channel}: listens for TCP connections. */
    public Class<? extends ServerSocketChannel> serverSocketChannel() {
        return kind.server();
    }

    /** For {@link io.netty.bootstrap.Bootstrap#channel}: a TCP connection. */
    public Class<? extends SocketChannel> socketChannel() {
        return kind.client();
    }

    /** UDP. */
    public Class<? extends DatagramChannel> datagramChannel() {
        return kind.datagram();
    }

    /**
     * Whether the three classes below are there. NIO has no such: its channels of Unix domain sockets take the JDK's
     * {@link java.net.UnixDomainSocketAddress}, not Netty's {@link io.netty.channel.unix.DomainSocketAddress}, and pass no file
     * descriptors.
     */
    public boolean hasDomainSockets() {
        return kind.domain() != null;
    }

    /**
     * Listens for connections on a Unix domain socket.
     *
     * @throws UnsupportedOperationException unless it {@link #hasDomainSockets()}
     */
    public Class<? extends ServerDomainSocketChannel> serverDomainSocketChannel() {
        return domain().server();
    }

    /**
     * A connection of Unix domain sockets.
     *
     * @throws UnsupportedOperationException unless it {@link #hasDomainSockets()}
     */
    public Class<? extends DomainSocketChannel> domainSocketChannel() {
        return domain().client();
    }

    /**
     * Datagrams of Unix domain sockets.
     *
     * @throws UnsupportedOperationException unless it {@link #hasDomainSockets()}
     */
    public Class<? extends DomainDatagramChannel> domainDatagramChannel() {
        return domain().datagram();
    }

    private Domain domain() {
        if (!hasDomainSockets()) {
            throw new UnsupportedOperationException(
                    "the transport " + name() + " has no channels for DomainSocketAddress (" + this + ")");
        }
        return kind.domain();
    }

    /** Its name, and in the same line why no better one could be had. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("transport: ").append(name());
        whyNot.forEach((passedOver, reason) ->
                text.append("; not ").append(passedOver).append(": ").append(reason));
        return text.toString();
    }
}
