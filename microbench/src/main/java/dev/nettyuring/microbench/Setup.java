// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.SocketAddress;
import java.util.Map;

/**
 * What a {@link Service} is to run on: a transport's one event loop, and options.
 *
 * @param options by name; what they mean is the service's affair, but for {@code memory=zeroed}
 */
record Setup(Transport transport, EventLoopGroup group, Map<String, String> options) {
    private static final int BACKLOG = 4096;

    static Setup of(Transport transport, Map<String, String> options) {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers(zeroed(options)));
        return new Setup(transport, group, options);
    }

    private static boolean zeroed(Map<String, String> options) {
        return "zeroed".equals(options.get("memory"));
    }

    String option(String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException("missing: " + name + "=...");
        }
        return value;
    }

    int number(String name) {
        return Integer.parseInt(option(name));
    }

    /** Listens on a free port of 127.0.0.1, and returns which. */
    SocketAddress listen(ChannelHandler connections) throws InterruptedException {
        return listen(connections, true);
    }

    SocketAddress listen(ChannelHandler connections, boolean autoRead) throws InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, autoRead)
                .childHandler(connections);
        transport.configureConnections(bootstrap, zeroed(options));
        return bootstrap.bind("127.0.0.1", 0).sync().channel().localAddress();
    }

    /** For connections to elsewhere, on the same loop. */
    Bootstrap client() {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(transport.channel());
        transport.configure(bootstrap, zeroed(options));
        return bootstrap;
    }
}
