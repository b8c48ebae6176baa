// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;

/** For NIO's Unix domain sockets, which take the JDK's addresses alone. */
final class JdkAddresses {
    private JdkAddresses() {}

    private static SocketAddress jdks(SocketAddress address) {
        return address instanceof DomainSocketAddress
                ? UnixDomainSocketAddress.of(((DomainSocketAddress) address).path())
                : address;
    }

    static final class Server extends ServerBootstrap {
        @Override
        public ServerBootstrap localAddress(SocketAddress localAddress) {
            return super.localAddress(jdks(localAddress));
        }

        @Override
        public ChannelFuture bind(SocketAddress localAddress) {
            return super.bind(jdks(localAddress));
        }
    }

    /** For clients. */
    static final class Resolvers extends AddressResolverGroup<SocketAddress> {
        @Override
        protected AddressResolver<SocketAddress> newResolver(EventExecutor executor) {
            return new AbstractAddressResolver<>(executor, SocketAddress.class) {
                @Override
                protected boolean doIsResolved(SocketAddress address) {
                    return !(address instanceof DomainSocketAddress);
                }

                @Override
                protected void doResolve(SocketAddress address, Promise<SocketAddress> promise) {
                    promise.setSuccess(jdks(address));
                }

                @Override
                protected void doResolveAll(SocketAddress address, Promise<List<SocketAddress>> promise) {
                    promise.setSuccess(List.of(jdks(address)));
                }
            };
        }
    }
}
