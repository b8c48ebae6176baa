// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import io.lettuce.core.ConnectionBuilder;
import io.lettuce.core.ConnectionEvents;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.EventExecutorGroup;
import java.net.SocketAddress;
import reactor.core.publisher.Mono;

/** The sample of docs/integrations.md. */
// sample
final class UringRedisClient extends RedisClient {
    /** The event loops of {@code ClientResources.builder().eventLoopGroupProvider(...)}. */
    static final class Loops extends DefaultEventLoopGroupProvider {
        Loops(int count) {
            super(count);
        }

        @Override
        protected <T extends EventLoopGroup> EventExecutorGroup doCreateEventLoopGroup(
                Class<T> type, int count, io.lettuce.core.resource.ThreadFactoryProvider threads) {
            return new MultiThreadIoEventLoopGroup(
                    count, threads.getThreadFactory("lettuce-uring"), UringIoHandler.newFactory());
        }
    }

    UringRedisClient(ClientResources resources, RedisURI uri) {
        super(resources, uri);
    }

    @Override
    protected void connectionBuilder(
            Mono<SocketAddress> address, ConnectionBuilder builder, ConnectionEvents events, RedisURI uri) {
        String file = uri.getSocket();
        if (file == null) {
            super.connectionBuilder(address, builder, events, uri);
            builder.bootstrap(copy(builder.bootstrap()).channel(UringSocketChannel.class));
        } else { // for which Lettuce would ask for a native transport of Netty's
            RedisURI tcp = new RedisURI("localhost", RedisURI.DEFAULT_REDIS_PORT, uri.getTimeout());
            super.connectionBuilder(Mono.just(new DomainSocketAddress(file)), builder, events, tcp);
            builder.bootstrap(copy(builder.bootstrap())
                    .channel(UringDomainSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, null)
                    .option(ChannelOption.SO_KEEPALIVE, null)
                    .attr(ConnectionBuilder.REDIS_URI, uri.toString()));
        }
    }

    /** All but the channel's class, which cannot be changed. */
    @SuppressWarnings("unchecked")
    private static Bootstrap copy(Bootstrap nio) {
        Bootstrap copy = new Bootstrap()
                .group(nio.config().group())
                .resolver(nio.config().resolver());
        nio.config().options().forEach((option, value) -> copy.option((ChannelOption<Object>) option, value));
        nio.config().attrs().forEach((key, value) -> copy.attr((io.netty.util.AttributeKey<Object>) key, value));
        return copy;
    }
}
// end of the sample
