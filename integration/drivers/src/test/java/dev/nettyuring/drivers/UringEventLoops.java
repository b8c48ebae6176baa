// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.micronaut.http.netty.channel.EventLoopGroupConfiguration;
import io.micronaut.http.netty.channel.EventLoopGroupFactory;
import io.micronaut.http.netty.channel.NettyChannelType;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The sample of docs/integrations.md. */
// sample
@Singleton
@Named("uring") // the name in micronaut.netty.event-loops.default.transport
class UringEventLoops implements EventLoopGroupFactory {
    @Override
    public boolean isNative() {
        return true;
    }

    @Override
    public IoHandlerFactory createIoHandlerFactory(EventLoopGroupConfiguration loops) {
        return UringIoHandler.newFactory();
    }

    @Override
    public Channel channelInstance(NettyChannelType type, EventLoopGroupConfiguration loops) {
        return switch (type) {
            case SERVER_SOCKET -> new UringServerSocketChannel();
            case CLIENT_SOCKET -> new UringSocketChannel();
            case DOMAIN_SERVER_SOCKET -> new UringServerDomainSocketChannel();
            case DOMAIN_SOCKET -> new UringDomainSocketChannel();
            case DATAGRAM_SOCKET -> new UringDatagramChannel();
        };
    }
}
// end of the sample
