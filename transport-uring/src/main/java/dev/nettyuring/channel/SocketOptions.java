// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static dev.nettyuring.jni.SocketAbi.IPPROTO_IP;
import static dev.nettyuring.jni.SocketAbi.IPPROTO_TCP;
import static dev.nettyuring.jni.SocketAbi.SOL_SOCKET;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The table of socket options: each declared once, and which of them a kind of channel has. */
final class SocketOptions {
    /** The peers' option classes, whose options of the same name are taken for ours. */
    private static final String[] ALIASES = {
        "io.netty.channel.epoll.EpollChannelOption#", "io.netty.channel.uring.IoUringChannelOption#"
    };

    private static final SocketOption<?>[] COMMON = {
        SocketOption.number(ChannelOption.SO_RCVBUF, SOL_SOCKET, SocketAbi.SO_RCVBUF),
        SocketOption.flag(ChannelOption.SO_REUSEADDR, SOL_SOCKET, SocketAbi.SO_REUSEADDR),
        SocketOption.flag(UringChannelOption.SO_REUSEPORT, SOL_SOCKET, SocketAbi.SO_REUSEPORT),
        SocketOption.number(UringChannelOption.SO_BUSY_POLL, SOL_SOCKET, SocketAbi.SO_BUSY_POLL),
        SocketOption.number(UringChannelOption.SO_INCOMING_CPU, SOL_SOCKET, SocketAbi.SO_INCOMING_CPU),
        SocketOption.flag(UringChannelOption.IP_FREEBIND, IPPROTO_IP, SocketAbi.IP_FREEBIND),
        SocketOption.flag(UringChannelOption.IP_TRANSPARENT, IPPROTO_IP, SocketAbi.IP_TRANSPARENT),
    };

    /** Those of a connection. */
    static final SocketOptions STREAM = new SocketOptions(
            COMMON,
            SocketOption.number(ChannelOption.SO_SNDBUF, SOL_SOCKET, SocketAbi.SO_SNDBUF),
            SocketOption.flag(ChannelOption.SO_KEEPALIVE, SOL_SOCKET, SocketAbi.SO_KEEPALIVE),
            SocketOption.linger(ChannelOption.SO_LINGER),
            SocketOption.trafficClass(ChannelOption.IP_TOS),
            SocketOption.flag(ChannelOption.TCP_NODELAY, IPPROTO_TCP, SocketAbi.TCP_NODELAY),
            SocketOption.flag(ChannelOption.TCP_FASTOPEN_CONNECT, IPPROTO_TCP, SocketAbi.TCP_FASTOPEN_CONNECT),
            SocketOption.flag(UringChannelOption.TCP_CORK, IPPROTO_TCP, SocketAbi.TCP_CORK),
            SocketOption.unsigned(UringChannelOption.TCP_NOTSENT_LOWAT, IPPROTO_TCP, SocketAbi.TCP_NOTSENT_LOWAT),
            SocketOption.number(UringChannelOption.TCP_KEEPIDLE, IPPROTO_TCP, SocketAbi.TCP_KEEPIDLE),
            SocketOption.number(UringChannelOption.TCP_KEEPINTVL, IPPROTO_TCP, SocketAbi.TCP_KEEPINTVL),
            SocketOption.number(UringChannelOption.TCP_KEEPCNT, IPPROTO_TCP, SocketAbi.TCP_KEEPCNT),
            SocketOption.number(UringChannelOption.TCP_USER_TIMEOUT, IPPROTO_TCP, SocketAbi.TCP_USER_TIMEOUT),
            SocketOption.flag(UringChannelOption.TCP_QUICKACK, IPPROTO_TCP, SocketAbi.TCP_QUICKACK),
            SocketOption.flag(
                    UringChannelOption.IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP, SocketAbi.IP_BIND_ADDRESS_NO_PORT),
            SocketOption.readOnly(UringChannelOption.TCP_INFO, IPPROTO_TCP, SocketAbi.TCP_INFO, UringTcpInfo::read));

    /** Those of a listening socket. */
    static final SocketOptions SERVER = new SocketOptions(
            COMMON,
            SocketOption.number(ChannelOption.TCP_FASTOPEN, IPPROTO_TCP, SocketAbi.TCP_FASTOPEN),
            SocketOption.number(UringChannelOption.TCP_DEFER_ACCEPT, IPPROTO_TCP, SocketAbi.TCP_DEFER_ACCEPT));

    private final Map<ChannelOption<?>, SocketOption<?>> byKey = new LinkedHashMap<>();
    private final Map<ChannelOption<?>, SocketOption<?>> byKeyOrAlias = new HashMap<>();

    private SocketOptions(SocketOption<?>[] common, SocketOption<?>... own) {
        for (SocketOption<?> option : common) {
            add(option);
        }
        for (SocketOption<?> option : own) {
            add(option);
        }
    }

    private void add(SocketOption<?> option) {
        byKey.put(option.key(), option);
        byKeyOrAlias.put(option.key(), option);
        String qualified = option.key().name();
        int simple = qualified.indexOf('#') + 1;
        if (simple > 0) {
            for (String alias : ALIASES) {
                byKeyOrAlias.put(ChannelOption.valueOf(alias + qualified.substring(simple)), option);
            }
        }
    }

    /** The options by the names under which they are listed. */
    Set<ChannelOption<?>> keys() {
        return Collections.unmodifiableSet(byKey.keySet());
    }

    /** The option, or {@code null} if this kind of channel has none such. */
    @SuppressWarnings("unchecked") // an option and its aliases are of one type
    <T> SocketOption<T> find(ChannelOption<T> key) {
        SocketOption<?> option = byKeyOrAlias.get(key);
        if (option == null && key instanceof IntegerUnixChannelOption) {
            IntegerUnixChannelOption raw = (IntegerUnixChannelOption) (ChannelOption<?>) key;
            option = SocketOption.number(raw, raw.level(), raw.optname());
        } else if (option == null && key instanceof RawUnixChannelOption) {
            RawUnixChannelOption raw = (RawUnixChannelOption) (ChannelOption<?>) key;
            option = SocketOption.raw(raw);
        }
        return (SocketOption<T>) option;
    }
}
