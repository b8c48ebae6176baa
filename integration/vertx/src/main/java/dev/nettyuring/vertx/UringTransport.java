// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.lang.invoke.MethodHandles;

/**
 * io_uring as a transport of Vert.x 5: {@code Vertx.builder().withTransport(new UringTransport()).build()}. TCP, UDP, Unix domain
 * sockets and the name resolver go over it, with the options that Vert.x offers for its native transports. Options that are off
 * are left as the system has them.
 *
 * <p>Each {@code Vertx} makes its event loops of it, and ends them when it is closed. Any thread may use it. Needs Linux 6.1.
 */
@SuppressWarnings("deprecation") // Vert.x asks for datagrams by Netty's InternetProtocolFamily
public final class UringTransport implements io.vertx.core.transport.Transport, Transport {
    private static final FormerDefaults FORMER = FormerDefaults.of(MethodHandles.lookup());

    private final UringConfig config;

    /** With the {@linkplain UringConfig#DEFAULT default configuration}. Whether it can be used, {@link #available()} says. */
    public UringTransport() {
        this(UringConfig.DEFAULT);
    }

    /** With a configuration, which each event loop gets. */
    public UringTransport(UringConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "netty-uring";
    }

    @Override
    public boolean available() {
        return Uring.isAvailable();
    }

    @Override
    public boolean isAvailable() {
        return available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return Uring.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return this;
    }

    @Override
    public boolean supportsDomainSockets() {
        return true;
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
        return address.isDomainSocket() ? new DomainSocketAddress(address.path()) : Transport.super.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
        return address instanceof DomainSocketAddress
                ? SocketAddress.domainSocketAddress(((DomainSocketAddress) address).path())
                : Transport.super.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return UringIoHandler.newFactory(config);
    }

    /** As Vert.x 5.0 asks for it. */
    public DatagramChannel datagramChannel() {
        return new UringDatagramChannel();
    }

    @Override
    public DatagramChannel datagramChannel(io.netty.channel.socket.InternetProtocolFamily family) {
        return new UringDatagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
        return UringDatagramChannel::new;
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return domainSocket ? UringDomainSocketChannel::new : UringSocketChannel::new;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return domainSocket ? UringServerDomainSocketChannel::new : UringServerSocketChannel::new;
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        channel.config().setOption(UringChannelOption.SO_REUSEPORT, options.isReusePort());
        Transport.super.configure(channel, options);
    }

    @Override
    public void configure(TcpConfig tcp, boolean domainSocket, Bootstrap bootstrap) {
        if (!domainSocket) {
            TcpOptions.set(tcp, bootstrap);
        }
        Transport.super.configure(tcp, domainSocket, bootstrap);
    }

    @Override
    public void configure(TcpConfig tcp, boolean domainSocket, ServerBootstrap bootstrap) {
        if (!domainSocket) {
            TcpOptions.set(tcp, bootstrap);
        }
        Transport.super.configure(tcp, domainSocket, bootstrap);
    }

    /** As Vert.x 5.0 has it. */
    public void configure(
            ClientOptionsBase options, int connectTimeoutMillis, boolean domainSocket, Bootstrap bootstrap) {
        if (!domainSocket) {
            FormerOptions.set(options, bootstrap);
        }
        FORMER.configure(this, options, connectTimeoutMillis, domainSocket, bootstrap);
    }

    /** As Vert.x 5.0 has it. */
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        if (!domainSocket) {
            FormerOptions.set(options, bootstrap);
        }
        FORMER.configure(this, options, domainSocket, bootstrap);
    }
}
