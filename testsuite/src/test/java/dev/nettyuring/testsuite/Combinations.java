// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import java.util.List;

/** What Netty's tests run on: io_uring at both ends, and at either end with NIO at the other. */
public final class Combinations {
    private Combinations() {}

    /** Server and client. */
    public static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socket() {
        return alsoWithNio(Combinations::uringServer, Combinations::uringClient);
    }

    /** Server and client, for which a write's promise says that the buffer was released, whatever the configuration. */
    public static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socketWithoutZeroCopy() {
        return alsoWithNio(
                () -> uringServer().childOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER),
                () -> uringClient().option(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER));
    }

    /** Server and client, with data in the SYN where the client is ours. */
    public static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socketWithFastOpen() {
        return alsoWithNio(Combinations::uringServer, Combinations::uringFastOpenClient);
    }

    /** Server and client on Unix domain sockets. */
    public static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> domainSocket() {
        return List.of(
                combo(Combinations::uringDomainServer, Combinations::uringDomainClient),
                combo(Combinations::nioDomainServer, Combinations::uringDomainClient),
                combo(Combinations::uringDomainServer, Combinations::nioDomainClient));
    }

    /** The same, on io_uring at both ends. */
    public static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> domainSocketOfOurs() {
        return List.of(combo(Combinations::uringDomainServer, Combinations::uringDomainClient));
    }

    /** A client on a Unix domain socket alone. */
    public static List<BootstrapFactory<Bootstrap>> domainClient() {
        return List.of(Combinations::uringDomainClient);
    }

    /** Two sockets of datagrams, on Unix domain sockets. */
    public static List<BootstrapComboFactory<Bootstrap, Bootstrap>> domainDatagram() {
        return List.of(new BootstrapComboFactory<>() {
            @Override
            public Bootstrap newServerInstance() {
                return uringDomainDatagram();
            }

            @Override
            public Bootstrap newClientInstance() {
                return uringDomainDatagram();
            }
        });
    }

    private static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> alsoWithNio(
            BootstrapFactory<ServerBootstrap> server, BootstrapFactory<Bootstrap> client) {
        return List.of(
                combo(server, client), combo(Combinations::nioServer, client), combo(server, Combinations::nioClient));
    }

    private static Bootstrap uringDomainDatagram() {
        return new Bootstrap().group(TransportInvariants.loops().uring()).channel(UringDomainDatagramChannel.class);
    }

    private static ServerBootstrap uringDomainServer() {
        return new ServerBootstrap()
                .group(TransportInvariants.loops().uring())
                .channel(UringServerDomainSocketChannel.class);
    }

    private static Bootstrap uringDomainClient() {
        return new Bootstrap().group(TransportInvariants.loops().uring()).channel(UringDomainSocketChannel.class);
    }

    private static ServerBootstrap nioDomainServer() {
        return new JdkAddresses.Server()
                .group(TransportInvariants.loops().nio())
                .channel(NioServerDomainSocketChannel.class);
    }

    private static Bootstrap nioDomainClient() {
        return new Bootstrap()
                .group(TransportInvariants.loops().nio())
                .channel(NioDomainSocketChannel.class)
                .resolver(new JdkAddresses.Resolvers());
    }

    /** A server alone. */
    public static List<BootstrapFactory<ServerBootstrap>> serverSocket() {
        return List.of(Combinations::uringServer);
    }

    /** A client alone. */
    public static List<BootstrapFactory<Bootstrap>> clientSocket() {
        return List.of(Combinations::uringClient);
    }

    private static ServerBootstrap uringServer() {
        return new ServerBootstrap().group(TransportInvariants.loops().uring()).channel(UringServerSocketChannel.class);
    }

    private static Bootstrap uringClient() {
        return new Bootstrap().group(TransportInvariants.loops().uring()).channel(UringSocketChannel.class);
    }

    private static Bootstrap uringFastOpenClient() {
        return uringClient().option(ChannelOption.TCP_FASTOPEN_CONNECT, true);
    }

    private static ServerBootstrap nioServer() {
        return new ServerBootstrap().group(TransportInvariants.loops().nio()).channel(NioServerSocketChannel.class);
    }

    private static Bootstrap nioClient() {
        return new Bootstrap().group(TransportInvariants.loops().nio()).channel(NioSocketChannel.class);
    }

    private static BootstrapComboFactory<ServerBootstrap, Bootstrap> combo(
            BootstrapFactory<ServerBootstrap> server, BootstrapFactory<Bootstrap> client) {
        return new BootstrapComboFactory<>() {
            @Override
            public ServerBootstrap newServerInstance() {
                return server.newInstance();
            }

            @Override
            public Bootstrap newClientInstance() {
                return client.newInstance();
            }
        };
    }
}
