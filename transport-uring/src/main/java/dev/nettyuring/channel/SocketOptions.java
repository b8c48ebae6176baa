// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static dev.nettyuring.jni.SocketAbi.IPPROTO_IP;
import static dev.nettyuring.jni.SocketAbi.IPPROTO_TCP;
import static dev.nettyuring.jni.SocketAbi.SOL_SOCKET;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The table of options: each declared once, and which of them a kind of channel has. */
final class SocketOptions {
    /** The peers' option classes, whose options of the same name are taken for ours. */
    private static final String[] ALIASES = {
        "io.netty.channel.epoll.EpollChannelOption#", "io.netty.channel.uring.IoUringChannelOption#"
    };

    /** What Netty's own io_uring has for {@link UringChannelOption#ZERO_COPY} and its threshold; -1 for never. */
    private static final ChannelOption<Integer> NETTYS_ZERO_COPY_THRESHOLD =
            ChannelOption.valueOf("io.netty.channel.uring.IoUringChannelOption#IO_URING_WRITE_ZERO_COPY_THRESHOLD");

    private static final String RECEIVE_BUFFER =
            "Bytes of the kernel's receive buffer. The kernel doubles what is set.";
    private static final String SEND_BUFFER = "Bytes of the kernel's send buffer. The kernel doubles what is set.";
    private static final String REUSE_ADDRESS =
            "Bind although connections of the address linger in TIME_WAIT. On for TCP servers; without effect on Unix domain"
                    + " sockets.";

    private static final ConfigOption<?>[] DOMAIN = {
        SocketOption.number(ChannelOption.SO_RCVBUF, SOL_SOCKET, SocketAbi.SO_RCVBUF)
                .means(RECEIVE_BUFFER),
        SocketOption.number(ChannelOption.SO_SNDBUF, SOL_SOCKET, SocketAbi.SO_SNDBUF)
                .means(SEND_BUFFER),
    };

    private static final ConfigOption<?>[] COMMON = {
        SocketOption.number(ChannelOption.SO_RCVBUF, SOL_SOCKET, SocketAbi.SO_RCVBUF)
                .means(RECEIVE_BUFFER),
        SocketOption.flag(ChannelOption.SO_REUSEADDR, SOL_SOCKET, SocketAbi.SO_REUSEADDR)
                .means(REUSE_ADDRESS),
        SocketOption.flag(UringChannelOption.SO_REUSEPORT, SOL_SOCKET, SocketAbi.SO_REUSEPORT)
                .means("Several sockets bind to one port, and the kernel shares out what arrives."),
        SocketOption.number(UringChannelOption.SO_BUSY_POLL, SOL_SOCKET, SocketAbi.SO_BUSY_POLL)
                .means("Microseconds to busy-poll for packets. Raising it needs CAP_NET_ADMIN."),
        SocketOption.number(UringChannelOption.SO_INCOMING_CPU, SOL_SOCKET, SocketAbi.SO_INCOMING_CPU)
                .means("The CPU that packets were last processed on; on a server, the one to accept from."),
        SocketOption.flag(UringChannelOption.IP_FREEBIND, IPPROTO_IP, SocketAbi.IP_FREEBIND)
                .means("Bind to addresses that are not the machine's, or not yet."),
        SocketOption.flag(UringChannelOption.IP_TRANSPARENT, IPPROTO_IP, SocketAbi.IP_TRANSPARENT)
                .means("Use addresses that are not the machine's, as a transparent proxy does. Needs CAP_NET_ADMIN."),
    };

    /** Those of a TCP connection. */
    static final SocketOptions STREAM = new SocketOptions(
            COMMON,
            SocketOption.number(ChannelOption.SO_SNDBUF, SOL_SOCKET, SocketAbi.SO_SNDBUF)
                    .means(SEND_BUFFER),
            SocketOption.flag(ChannelOption.SO_KEEPALIVE, SOL_SOCKET, SocketAbi.SO_KEEPALIVE)
                    .means("Probe idle connections, and end those whose peer does not answer."),
            SocketOption.linger(ChannelOption.SO_LINGER)
                    .means(
                            "Seconds that closing waits for what was written to arrive; 0 resets the connection, -1 is off."
                                    + " Another thread does the waiting."),
            SocketOption.trafficClass(ChannelOption.IP_TOS)
                    .means("Type of service of the packets, for IPv6 their traffic class: 0 to 255."),
            SocketOption.flag(ChannelOption.TCP_NODELAY, IPPROTO_TCP, SocketAbi.TCP_NODELAY)
                    .means("Send small segments at once. On, as everywhere in Netty."),
            SocketOption.flag(ChannelOption.TCP_FASTOPEN_CONNECT, IPPROTO_TCP, SocketAbi.TCP_FASTOPEN_CONNECT)
                    .means("What was written before connecting goes out with the SYN."),
            SocketOption.flag(UringChannelOption.TCP_CORK, IPPROTO_TCP, SocketAbi.TCP_CORK)
                    .means("Send no partial segments until it is switched off, or 200 ms have passed."),
            SocketOption.unsigned(UringChannelOption.TCP_NOTSENT_LOWAT, IPPROTO_TCP, SocketAbi.TCP_NOTSENT_LOWAT)
                    .means("Unsent bytes at which the socket counts as full: 0 to 4294967295."),
            SocketOption.number(UringChannelOption.TCP_KEEPIDLE, IPPROTO_TCP, SocketAbi.TCP_KEEPIDLE)
                    .means("Seconds without traffic before the first keepalive probe."),
            SocketOption.number(UringChannelOption.TCP_KEEPINTVL, IPPROTO_TCP, SocketAbi.TCP_KEEPINTVL)
                    .means("Seconds between keepalive probes."),
            SocketOption.number(UringChannelOption.TCP_KEEPCNT, IPPROTO_TCP, SocketAbi.TCP_KEEPCNT)
                    .means("Unanswered keepalive probes that end the connection."),
            SocketOption.number(UringChannelOption.TCP_USER_TIMEOUT, IPPROTO_TCP, SocketAbi.TCP_USER_TIMEOUT)
                    .means("Milliseconds that sent data may stay unacknowledged; 0 is the system's default."),
            SocketOption.flag(UringChannelOption.TCP_QUICKACK, IPPROTO_TCP, SocketAbi.TCP_QUICKACK)
                    .means("Acknowledge at once. The kernel goes back to delayed acknowledgements by itself."),
            SocketOption.flag(UringChannelOption.IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP, SocketAbi.IP_BIND_ADDRESS_NO_PORT)
                    .means("Binding to port 0 picks the port when connecting, so that four-tuples are shared out."),
            SocketOption.readOnly(UringChannelOption.TCP_INFO, IPPROTO_TCP, SocketAbi.TCP_INFO, UringTcpInfo::read)
                    .means("What the kernel knows of the connection. Read-only; also `UringSocketChannel.tcpInfo()`."),
            ConfigOption.writeOnly(
                            UringChannelOption.TCP_MD5SIG,
                            UringSocketChannelConfig.class,
                            UringSocketChannelConfig::setMd5Keys)
                    .means("Keys of MD5 signatures (RFC 2385) by peer, of 1 to 80 bytes each. Write-only."),
            halfClosure(),
            ConfigOption.kept(
                            UringChannelOption.ZERO_COPY,
                            UringSocketChannelConfig.class,
                            UringSocketChannelConfig::getZeroCopy,
                            UringSocketChannelConfig::setZeroCopy)
                    .means(
                            "Whether to send without a copy in the kernel: NEVER, ALWAYS, or AUTO, where it pays. Kernel 6.2."),
            ConfigOption.kept(
                            UringChannelOption.ZERO_COPY_THRESHOLD,
                            UringSocketChannelConfig.class,
                            UringSocketChannelConfig::getZeroCopyThreshold,
                            UringSocketChannelConfig::setZeroCopyThreshold)
                    .means("Bytes that must go out at once for AUTO to try zero copy. Default 32,768."),
            ConfigOption.kept(
                            NETTYS_ZERO_COPY_THRESHOLD,
                            UringSocketChannelConfig.class,
                            UringSocketChannelConfig::nettysZeroCopyThreshold,
                            UringSocketChannelConfig::setNettysZeroCopyThreshold)
                    .means(
                            "ZERO_COPY and ZERO_COPY_THRESHOLD in one: -1 is NEVER, any other number AUTO from so many bytes"
                                    + " on. Netty's io_uring does without the adaptive part."));

    /** Those of a connection by a Unix domain socket. */
    static final SocketOptions DOMAIN_STREAM = new SocketOptions(
            DOMAIN,
            halfClosure(),
            ConfigOption.kept(
                            UnixChannelOption.DOMAIN_SOCKET_READ_MODE,
                            UringDomainSocketChannelConfig.class,
                            UringDomainSocketChannelConfig::getReadMode,
                            UringDomainSocketChannelConfig::setReadMode)
                    .means("Whether to read BYTES, the default, or the FILE_DESCRIPTORS that the peer passes."));

    /** Those of a listening Unix domain socket. */
    static final SocketOptions DOMAIN_SERVER = new SocketOptions(
            DOMAIN,
            SocketOption.flag(ChannelOption.SO_REUSEADDR, SOL_SOCKET, SocketAbi.SO_REUSEADDR)
                    .means(REUSE_ADDRESS),
            backlog());

    /** Those of a listening TCP socket. */
    static final SocketOptions SERVER = new SocketOptions(
            COMMON,
            SocketOption.number(ChannelOption.TCP_FASTOPEN, IPPROTO_TCP, SocketAbi.TCP_FASTOPEN)
                    .means("Connections that may wait which brought data with their SYN; 0 takes no such data."),
            SocketOption.number(UringChannelOption.TCP_DEFER_ACCEPT, IPPROTO_TCP, SocketAbi.TCP_DEFER_ACCEPT)
                    .means("Seconds to wait for the first data before accepting without; rounded to retransmissions."),
            ConfigOption.writeOnly(
                            UringChannelOption.TCP_MD5SIG,
                            UringServerSocketChannelConfig.class,
                            UringServerSocketChannelConfig::setMd5Keys)
                    .means("Keys of MD5 signatures (RFC 2385) by peer, of 1 to 80 bytes each. Write-only."),
            backlog());

    /** Those of UDP, but for the interface of multicast. */
    @SuppressWarnings("deprecation") // DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, which nothing stands in for
    static final SocketOptions DATAGRAM = new SocketOptions(
            COMMON,
            SocketOption.number(ChannelOption.SO_SNDBUF, SOL_SOCKET, SocketAbi.SO_SNDBUF)
                    .means(SEND_BUFFER),
            SocketOption.flag(ChannelOption.SO_BROADCAST, SOL_SOCKET, SocketAbi.SO_BROADCAST)
                    .means("Sending to broadcast addresses is allowed."),
            SocketOption.trafficClass(ChannelOption.IP_TOS)
                    .means("Type of service of the packets, for IPv6 their traffic class: 0 to 255."),
            SocketOption.number(ChannelOption.IP_MULTICAST_TTL, IPPROTO_IP, SocketAbi.IP_MULTICAST_TTL)
                    .andIpv6(SocketAbi.IPV6_MULTICAST_HOPS)
                    .means("How many hops multicast goes: 0 to 255. Default 1."),
            SocketOption.notFlag(ChannelOption.IP_MULTICAST_LOOP_DISABLED, IPPROTO_IP, SocketAbi.IP_MULTICAST_LOOP)
                    .andIpv6(SocketAbi.IPV6_MULTICAST_LOOP)
                    .means("What is sent to a group does not come back to this machine's members."),
            SocketOption.flag(UringChannelOption.IP_MULTICAST_ALL, IPPROTO_IP, SocketAbi.IP_MULTICAST_ALL)
                    .andIpv6(SocketAbi.IPV6_MULTICAST_ALL)
                    .means("Receive from groups that other sockets of the machine have joined. Default false."),
            SocketOption.flag(UringChannelOption.IP_RECVORIGDSTADDR, IPPROTO_IP, SocketAbi.IP_RECVORIGDSTADDR)
                    .andIpv6(SocketAbi.IPV6_RECVORIGDSTADDR)
                    .means("The recipient of a packet is where it was sent to, whatever redirected it here."),
            SocketOption.flag(UringChannelOption.IP_PKTINFO, IPPROTO_IP, SocketAbi.IP_PKTINFO)
                    .andIpv6(SocketAbi.IPV6_RECVPKTINFO)
                    .means("The recipient of a packet is the address it was sent to, not the one bound to."),
            SocketOption.flag(UringChannelOption.IP_RECVTOS, IPPROTO_IP, SocketAbi.IP_RECVTOS)
                    .andIpv6(SocketAbi.IPV6_RECVTCLASS)
                    .means("A packet tells its type of service, with it ECN."),
            SocketOption.flag(UringChannelOption.UDP_GRO, SocketAbi.IPPROTO_UDP, SocketAbi.UDP_GRO)
                    .means("The kernel may hand over datagrams of one sender together."),
            SocketOption.flag(UringChannelOption.IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP, SocketAbi.IP_BIND_ADDRESS_NO_PORT)
                    .means("Binding to port 0 picks the port when connecting, so that four-tuples are shared out."),
            ConfigOption.kept(
                            ChannelOption.IP_MULTICAST_ADDR,
                            UringDatagramChannelConfig.class,
                            UringDatagramChannelConfig::getInterface,
                            UringDatagramChannelConfig::setInterface)
                    .means("An address of the interface that multicast is sent by."),
            ConfigOption.kept(
                            ChannelOption.IP_MULTICAST_IF,
                            UringDatagramChannelConfig.class,
                            UringDatagramChannelConfig::getNetworkInterface,
                            UringDatagramChannelConfig::setNetworkInterface)
                    .means("The interface that multicast is sent by."),
            ConfigOption.kept(
                            ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION,
                            UringDatagramChannelConfig.class,
                            UringDatagramChannelConfig::isActiveOnRegistration,
                            UringDatagramChannelConfig::setActiveOnRegistration)
                    .means("The channel is active before it is bound. Default false."),
            ConfigOption.kept(
                            UringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE,
                            UringDatagramChannelConfig.class,
                            UringDatagramChannelConfig::getMaxDatagramPayloadSize,
                            UringDatagramChannelConfig::setMaxDatagramPayloadSize)
                    .means("Bytes of the largest datagram to be received; 0, the default, for any."),
            ConfigOption.kept(
                            UringChannelOption.UDP_GRO_SEGMENTED,
                            UringDatagramChannelConfig.class,
                            UringDatagramChannelConfig::isUdpGroSegmented,
                            UringDatagramChannelConfig::setUdpGroSegmented)
                    .means("What UDP_GRO put together is read as one SegmentedDatagramPacket. Default false."));

    /** Those of datagrams by a Unix domain socket. */
    @SuppressWarnings("deprecation") // DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, which nothing stands in for
    static final SocketOptions DOMAIN_DATAGRAM = new SocketOptions(
            DOMAIN,
            ConfigOption.kept(
                            ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION,
                            UringDomainDatagramChannelConfig.class,
                            UringDomainDatagramChannelConfig::isActiveOnRegistration,
                            UringDomainDatagramChannelConfig::setActiveOnRegistration)
                    .means("The channel is active before it is bound. Default false."));

    private final Map<ChannelOption<?>, ConfigOption<?>> byKey = new LinkedHashMap<>();
    private final Map<ChannelOption<?>, ConfigOption<?>> byKeyOrAlias = new HashMap<>();

    private static ConfigOption<Boolean> halfClosure() {
        return ConfigOption.kept(
                        ChannelOption.ALLOW_HALF_CLOSURE,
                        UringStreamChannelConfig.class,
                        UringStreamChannelConfig::isAllowHalfClosure,
                        UringStreamChannelConfig::setAllowHalfClosure)
                .means("The end of the peer's stream does not close the channel, but fires ChannelInputShutdownEvent."
                        + " Default false.");
    }

    private static ConfigOption<Integer> backlog() {
        return ConfigOption.kept(
                        ChannelOption.SO_BACKLOG,
                        UringServerChannelConfig.class,
                        UringServerChannelConfig::getBacklog,
                        UringServerChannelConfig::setBacklog)
                .means("Connections that wait to be accepted at the most; counts when the channel is bound."
                        + " Default net.core.somaxconn.");
    }

    private SocketOptions(ConfigOption<?>[] common, ConfigOption<?>... own) {
        for (ConfigOption<?> option : common) {
            add(option);
        }
        for (ConfigOption<?> option : own) {
            add(option);
        }
    }

    private void add(ConfigOption<?> option) {
        byKey.put(option.key(), option);
        byKeyOrAlias.put(option.key(), option);
        String qualified = option.key().name();
        int simple = qualified.indexOf('#') + 1;
        if (qualified.startsWith(UringChannelOption.class.getName())) {
            for (String alias : ALIASES) {
                byKeyOrAlias.put(ChannelOption.valueOf(alias + qualified.substring(simple)), option);
            }
        }
    }

    /** All of them. */
    Collection<ConfigOption<?>> all() {
        return Collections.unmodifiableCollection(byKey.values());
    }

    /** The option, or {@code null} if this kind of channel has none such. */
    @SuppressWarnings("unchecked") // an option and its aliases are of one type
    <T> ConfigOption<T> find(ChannelOption<T> key) {
        ConfigOption<?> option = byKeyOrAlias.get(key);
        if (option == null && key instanceof IntegerUnixChannelOption) {
            IntegerUnixChannelOption raw = (IntegerUnixChannelOption) (ChannelOption<?>) key;
            option = SocketOption.number(raw, raw.level(), raw.optname());
        } else if (option == null && key instanceof RawUnixChannelOption) {
            RawUnixChannelOption raw = (RawUnixChannelOption) (ChannelOption<?>) key;
            option = SocketOption.raw(raw);
        }
        return (ConfigOption<T>) option;
    }
}
