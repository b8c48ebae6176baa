// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetAddress;
import java.util.Map;

/**
 * The socket options of Linux beyond those of {@link ChannelOption}. Those of the same name in Netty's
 * {@code EpollChannelOption} and {@code IoUringChannelOption} mean the same here and are taken as well.
 *
 * <p>See <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>,
 * <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a> and
 * <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7)</a>. One that the kernel refuses gives a
 * {@link io.netty.channel.ChannelException} with errno's name.
 *
 * @param <T> the type of the option's value
 */
public final class UringChannelOption<T> extends UnixChannelOption<T> {
    /** Send no partial segments until it is switched off, or 200 ms have passed. */
    public static final ChannelOption<Boolean> TCP_CORK = valueOf(UringChannelOption.class, "TCP_CORK");
    /** How many unsent bytes the socket takes before it counts as full; an unsigned 32-bit number. */
    public static final ChannelOption<Long> TCP_NOTSENT_LOWAT = valueOf(UringChannelOption.class, "TCP_NOTSENT_LOWAT");
    /** Seconds without traffic before the first keepalive probe. */
    public static final ChannelOption<Integer> TCP_KEEPIDLE = valueOf(UringChannelOption.class, "TCP_KEEPIDLE");
    /** Seconds between keepalive probes. */
    public static final ChannelOption<Integer> TCP_KEEPINTVL = valueOf(UringChannelOption.class, "TCP_KEEPINTVL");
    /** How many unanswered keepalive probes end the connection. */
    public static final ChannelOption<Integer> TCP_KEEPCNT = valueOf(UringChannelOption.class, "TCP_KEEPCNT");
    /** Milliseconds that sent data may stay unacknowledged before the connection ends; 0 is the system's default. */
    public static final ChannelOption<Integer> TCP_USER_TIMEOUT = valueOf(UringChannelOption.class, "TCP_USER_TIMEOUT");
    /** Acknowledge at once; the kernel goes back to delayed acknowledgements by itself. */
    public static final ChannelOption<Boolean> TCP_QUICKACK = valueOf(UringChannelOption.class, "TCP_QUICKACK");
    /** Seconds to wait for the first data before a connection is accepted without; rounded to retransmissions. */
    public static final ChannelOption<Integer> TCP_DEFER_ACCEPT = valueOf(UringChannelOption.class, "TCP_DEFER_ACCEPT");
    /** Microseconds to busy-poll for packets. Raising it needs CAP_NET_ADMIN. */
    public static final ChannelOption<Integer> SO_BUSY_POLL = valueOf(UringChannelOption.class, "SO_BUSY_POLL");
    /** The CPU that the connection's packets were last processed on; on a server, the one to accept from. */
    public static final ChannelOption<Integer> SO_INCOMING_CPU = valueOf(UringChannelOption.class, "SO_INCOMING_CPU");
    /** Bind to addresses that are not ours, not yet. */
    public static final ChannelOption<Boolean> IP_FREEBIND = valueOf("IP_FREEBIND");
    /** Take connections to addresses that are not ours, as a transparent proxy does. Needs CAP_NET_ADMIN. */
    public static final ChannelOption<Boolean> IP_TRANSPARENT = valueOf("IP_TRANSPARENT");
    /** Binding to an address with port 0 picks the port when connecting, so that four-tuples are shared out. */
    public static final ChannelOption<Boolean> IP_BIND_ADDRESS_NO_PORT = valueOf("IP_BIND_ADDRESS_NO_PORT");
    /** Read multicast of groups that only others on this machine have joined as well. Default {@code false}, as with NIO. */
    public static final ChannelOption<Boolean> IP_MULTICAST_ALL = valueOf("IP_MULTICAST_ALL");
    /**
     * A datagram's recipient is the address and port that it was sent to before the firewall redirected it to this machine, as
     * a transparent proxy needs it. Goes before {@link #IP_PKTINFO}.
     */
    public static final ChannelOption<Boolean> IP_RECVORIGDSTADDR = valueOf("IP_RECVORIGDSTADDR");
    /**
     * A datagram's recipient is the one of this machine's addresses, or the group, that it was sent to, also on a channel
     * that is bound to all of them. Without it the recipient is the channel's local address.
     */
    public static final ChannelOption<Boolean> IP_PKTINFO = valueOf(UringChannelOption.class, "IP_PKTINFO");
    /** Datagrams are read as {@link UringDatagramPacket}s, which have the traffic class: DSCP and ECN. */
    public static final ChannelOption<Boolean> IP_RECVTOS = valueOf(UringChannelOption.class, "IP_RECVTOS");
    /**
     * The kernel may join datagrams that one peer sent in a row, all of one size but the last (generic receive offload). They
     * are taken apart again, unless {@link #UDP_GRO_SEGMENTED} is on.
     */
    public static final ChannelOption<Boolean> UDP_GRO = valueOf("UDP_GRO");
    /**
     * Datagrams that the kernel joined because of {@link #UDP_GRO} are read as one
     * {@link io.netty.channel.unix.SegmentedDatagramPacket}.
     */
    public static final ChannelOption<Boolean> UDP_GRO_SEGMENTED =
            valueOf(UringChannelOption.class, "UDP_GRO_SEGMENTED");
    /**
     * The most bytes of a datagram that the channel must be able to receive; default 0, for any. If it is no more than
     * 4,048 (3,824 with options that tell more of a datagram) and {@link #UDP_GRO} is off, the channel receives into small
     * buffers, of which there are more ready. What is larger may be received all the same; what is not is reported as a
     * {@link UringDatagramTruncated} event, and never read in part.
     */
    public static final ChannelOption<Integer> MAX_DATAGRAM_PAYLOAD_SIZE = valueOf("MAX_DATAGRAM_PAYLOAD_SIZE");
    /** MD5 signatures (RFC 2385) by peer address. Write-only: keys are secret. */
    public static final ChannelOption<Map<InetAddress, byte[]>> TCP_MD5SIG = valueOf("TCP_MD5SIG");
    /**
     * Whether what is written is sent without a copy in the kernel (IORING_OP_SEND_ZC, kernel 6.2). Default
     * {@link ZeroCopy#AUTO}, or what the system property {@code dev.nettyuring.zeroCopy} says.
     */
    public static final ChannelOption<ZeroCopy> ZERO_COPY = valueOf(UringChannelOption.class, "ZERO_COPY");
    /**
     * How many bytes must go out at once for {@link ZeroCopy#AUTO} to try zero copy. Below some tens of KiB pinning the pages
     * and hearing of their release costs more than copying. Default 32,768.
     */
    public static final ChannelOption<Integer> ZERO_COPY_THRESHOLD =
            valueOf(UringChannelOption.class, "ZERO_COPY_THRESHOLD");
    /** What the kernel knows of the connection. Read-only. */
    public static final ChannelOption<UringTcpInfo> TCP_INFO = valueOf(UringChannelOption.class, "TCP_INFO");

    @SuppressWarnings("deprecation") // as the class it extends
    private UringChannelOption() {}
}
