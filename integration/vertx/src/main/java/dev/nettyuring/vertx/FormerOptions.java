// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx;

import dev.nettyuring.channel.UringChannelOption;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.TCPSSLOptions;
import java.util.function.BiConsumer;

/** The options of TCP that NIO has not, as Vert.x 5.0 has them. */
final class FormerOptions {
    /** Connections that may wait which brought data with their SYN; as with Vert.x's own native transports. */
    private static final int FAST_OPEN_BACKLOG = 256;

    private FormerOptions() {}

    static void set(ClientOptionsBase options, Bootstrap bootstrap) {
        if (options.isTcpFastOpen()) {
            bootstrap.option(ChannelOption.TCP_FASTOPEN_CONNECT, true);
        }
        setFlags(options, (option, value) -> bootstrap.option(option, value));
        if (options.getTcpUserTimeout() != 0) {
            bootstrap.option(UringChannelOption.TCP_USER_TIMEOUT, options.getTcpUserTimeout());
        }
    }

    static void set(NetServerOptions options, ServerBootstrap bootstrap) {
        bootstrap.option(UringChannelOption.SO_REUSEPORT, options.isReusePort());
        if (options.isTcpFastOpen()) {
            bootstrap.option(ChannelOption.TCP_FASTOPEN, FAST_OPEN_BACKLOG);
        }
        setFlags(options, (option, value) -> bootstrap.childOption(option, value));
        if (options.getTcpUserTimeout() != 0) {
            bootstrap.childOption(UringChannelOption.TCP_USER_TIMEOUT, options.getTcpUserTimeout());
        }
    }

    private static void setFlags(TCPSSLOptions options, BiConsumer<ChannelOption<Boolean>, Boolean> connections) {
        if (options.isTcpQuickAck()) {
            connections.accept(UringChannelOption.TCP_QUICKACK, true);
        }
        if (options.isTcpCork()) {
            connections.accept(UringChannelOption.TCP_CORK, true);
        }
    }
}
