// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx;

import dev.nettyuring.channel.UringChannelOption;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.net.TcpOption;

/** The options of TCP that NIO has not, as Vert.x has them from 5.1 on. */
final class TcpOptions {
    private TcpOptions() {}

    static void set(TcpConfig tcp, Bootstrap bootstrap) {
        Target target = new Target() {
            @Override
            public <T> void set(ChannelOption<T> option, T value) {
                bootstrap.option(option, value);
            }
        };
        set(tcp, TcpOption.FASTOPEN_CONNECT, ChannelOption.TCP_FASTOPEN_CONNECT, target);
        setConnections(tcp, target);
    }

    static void set(TcpConfig tcp, ServerBootstrap bootstrap) {
        bootstrap.option(UringChannelOption.SO_REUSEPORT, tcp.isSoReusePort());
        Integer fastOpen = tcp.getOption(TcpOption.FASTOPEN);
        if (!isOff(fastOpen)) {
            bootstrap.option(ChannelOption.TCP_FASTOPEN, fastOpen);
        }
        setConnections(tcp, new Target() {
            @Override
            public <T> void set(ChannelOption<T> option, T value) {
                bootstrap.childOption(option, value);
            }
        });
    }

    private static void setConnections(TcpConfig tcp, Target connections) {
        set(tcp, TcpOption.USER_TIMEOUT, UringChannelOption.TCP_USER_TIMEOUT, connections);
        set(tcp, TcpOption.QUICKACK, UringChannelOption.TCP_QUICKACK, connections);
        set(tcp, TcpOption.CORK, UringChannelOption.TCP_CORK, connections);
        set(tcp, TcpOption.KEEPCNT, UringChannelOption.TCP_KEEPCNT, connections);
        set(tcp, TcpOption.KEEPIDLE, UringChannelOption.TCP_KEEPIDLE, connections);
        set(tcp, TcpOption.KEEPINTVL, UringChannelOption.TCP_KEEPINTVL, connections);
    }

    private static <T> void set(TcpConfig tcp, TcpOption<T> asked, ChannelOption<T> option, Target target) {
        T value = tcp.getOption(asked);
        if (!isOff(value)) {
            target.set(option, value);
        }
    }

    private static boolean isOff(Object value) {
        return value == null || value.equals(false) || value.equals(0);
    }

    private interface Target {
        <T> void set(ChannelOption<T> option, T value);
    }
}
