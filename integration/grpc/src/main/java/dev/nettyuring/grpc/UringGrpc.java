// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Builders of gRPC's servers and channels on io_uring, over TCP and over Unix domain sockets. They are gRPC's own, with channel
 * type, event loops and options set; what is set on them afterwards goes before.
 *
 * <p><b>Event loops.</b> Those methods that take none use {@linkplain #sharedLoops() shared ones}: as many as there are
 * processors, made when first needed, of daemon threads, and there until the process ends; nobody has to shut them down. Loops
 * that are given stay the caller's, who ends them when the servers and channels on them have terminated.
 *
 * <p><b>TCP connections</b> get {@link #USER_TIMEOUT_MILLIS} as {@link UringChannelOption#TCP_USER_TIMEOUT}, and
 * {@link UringByteBufAllocator#DEFAULT}, from whose memory large messages to other machines are sent without a copy. With Unix
 * domain sockets nothing is sent without a copy, and gRPC's own allocator remains.
 *
 * <p>All methods may be called from any thread and need Linux 6.1 with io_uring allowed: {@link dev.nettyuring.channel.Uring}
 * tells whether that is so, and where it is not they throw an {@link UnsupportedOperationException} that says why.
 */
public final class UringGrpc {
    /**
     * Milliseconds that sent bytes may stay unacknowledged, or unsent because the peer's window is closed, before their
     * connection ends: 20,000, gRPC's own default for a ping to be answered. To change it,
     * {@code withOption(UringChannelOption.TCP_USER_TIMEOUT, …)}, or {@code withChildOption} of a server; 0 is the system's
     * default, about 15 minutes. A longer {@code keepAliveTimeout} of a builder's does not change it, as it does with epoll.
     */
    public static final int USER_TIMEOUT_MILLIS = 20_000;

    private static final String UNIX_SCHEME = "unix:";

    private UringGrpc() {}

    /** A server on the {@linkplain #sharedLoops() shared loops}. See {@link #server(IoEventLoopGroup, SocketAddress, ServerCredentials)}. */
    public static NettyServerBuilder server(SocketAddress address, ServerCredentials credentials) {
        return server(sharedLoops(), address, credentials);
    }

    /**
     * A server that accepts and serves on the same event loops.
     *
     * @param loops of io_uring; they stay the caller's
     * @param address to listen on: an {@link InetSocketAddress} or, for a Unix domain socket, a {@link DomainSocketAddress}
     * @throws IllegalArgumentException if it is neither, or the loops are not of io_uring
     */
    public static NettyServerBuilder server(
            IoEventLoopGroup loops, SocketAddress address, ServerCredentials credentials) {
        checkLoops(loops);
        boolean unix = isUnix(address);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address, credentials)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops);
        if (unix) {
            return builder.channelType(UringServerDomainSocketChannel.class);
        }
        return builder.channelType(UringServerSocketChannel.class)
                .withChildOption(UringChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS)
                .withChildOption(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT);
    }

    /** A channel on the {@linkplain #sharedLoops() shared loops}. See {@link #channel(IoEventLoopGroup, String, ChannelCredentials)}. */
    public static NettyChannelBuilder channel(String target, ChannelCredentials credentials) {
        return channel(sharedLoops(), target, credentials);
    }

    /**
     * A channel to what gRPC resolves a name to.
     *
     * @param loops of io_uring; they stay the caller's
     * @param target as gRPC understands it: {@code host:port}, {@code dns:///host:port}, or {@code unix:/path} for a Unix
     *     domain socket
     * @throws IllegalArgumentException if the loops are not of io_uring, or gRPC does not understand the target
     */
    public static NettyChannelBuilder channel(IoEventLoopGroup loops, String target, ChannelCredentials credentials) {
        boolean unix = target.regionMatches(true, 0, UNIX_SCHEME, 0, UNIX_SCHEME.length());
        return configured(NettyChannelBuilder.forTarget(target, credentials), loops, unix);
    }

    /** A channel on the {@linkplain #sharedLoops() shared loops}. See {@link #channel(IoEventLoopGroup, SocketAddress, ChannelCredentials)}. */
    public static NettyChannelBuilder channel(SocketAddress address, ChannelCredentials credentials) {
        return channel(sharedLoops(), address, credentials);
    }

    /**
     * A channel to an address.
     *
     * @param loops of io_uring; they stay the caller's
     * @param address an {@link InetSocketAddress} or, for a Unix domain socket, a {@link DomainSocketAddress}
     * @throws IllegalArgumentException if it is neither, or the loops are not of io_uring
     */
    public static NettyChannelBuilder channel(
            IoEventLoopGroup loops, SocketAddress address, ChannelCredentials credentials) {
        boolean unix = isUnix(address);
        return configured(NettyChannelBuilder.forAddress(address, credentials), loops, unix);
    }

    /**
     * The event loops of all servers and channels that are given none. They must not be shut down.
     *
     * @throws UnsupportedOperationException if io_uring is not available
     */
    public static IoEventLoopGroup sharedLoops() {
        return SharedLoops.get();
    }

    private static NettyChannelBuilder configured(NettyChannelBuilder builder, IoEventLoopGroup loops, boolean unix) {
        checkLoops(loops);
        builder.eventLoopGroup(loops);
        if (unix) {
            return builder.channelType(UringDomainSocketChannel.class, DomainSocketAddress.class);
        }
        return builder.channelType(UringSocketChannel.class, InetSocketAddress.class)
                .withOption(UringChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS)
                .withOption(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT);
    }

    private static boolean isUnix(SocketAddress address) {
        if (address instanceof DomainSocketAddress) {
            return true;
        }
        if (address instanceof InetSocketAddress) {
            return false;
        }
        throw new IllegalArgumentException(
                address + " is neither an InetSocketAddress nor a DomainSocketAddress (io.netty.channel.unix)");
    }

    private static void checkLoops(IoEventLoopGroup loops) {
        if (!loops.isIoType(UringIoHandler.class)) {
            throw new IllegalArgumentException(loops + " is not of io_uring: make it with UringIoHandler.newFactory()");
        }
    }
}
