// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.lang.annotation.Native;

/**
 * The numbers of Linux's socket and memory ABI that the Java side uses, under their C names. They are the same on
 * x86-64, AArch64 and RISC-V. {@code abi_check.c} fails the build if one is wrong.
 */
public final class SocketAbi {
    private SocketAbi() {}

    // Memory mapping.
    @Native
    public static final int PROT_READ = 1;

    @Native
    public static final int PROT_WRITE = 2;

    @Native
    public static final int MAP_SHARED = 1;

    @Native
    public static final int MAP_PRIVATE = 2;

    @Native
    public static final int MAP_ANONYMOUS = 32;

    @Native
    public static final int MAP_POPULATE = 0x8000;

    @Native
    public static final int MADV_HUGEPAGE = 14;

    @Native
    public static final int MADV_POPULATE_WRITE = 23;

    // Families, types and levels.
    @Native
    public static final int AF_UNSPEC = 0;

    @Native
    public static final int AF_UNIX = 1;

    @Native
    public static final int AF_INET = 2;

    @Native
    public static final int AF_INET6 = 10;

    @Native
    public static final int SOCK_STREAM = 1;

    @Native
    public static final int SOCK_DGRAM = 2;

    @Native
    public static final int SOCK_CLOEXEC = 0x80000;

    @Native
    public static final int SOL_SOCKET = 1;

    @Native
    public static final int IPPROTO_IP = 0;

    @Native
    public static final int IPPROTO_TCP = 6;

    @Native
    public static final int IPPROTO_UDP = 17;

    @Native
    public static final int IPPROTO_IPV6 = 41;

    @Native
    public static final int SHUT_RD = 0;

    @Native
    public static final int SHUT_WR = 1;

    @Native
    public static final int MSG_PEEK = 2;

    @Native
    public static final int MSG_CTRUNC = 8;

    @Native
    public static final int MSG_TRUNC = 0x20;

    @Native
    public static final int MSG_DONTWAIT = 0x40;

    @Native
    public static final int MSG_NOSIGNAL = 0x4000;

    @Native
    public static final int MSG_MORE = 0x8000;

    @Native
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    @Native
    public static final int SCM_RIGHTS = 1;

    @Native
    public static final int F_DUPFD_CLOEXEC = 1030;

    @Native
    public static final int O_CLOEXEC = 0x80000;

    // Pipes, and what is spliced through them.
    @Native
    public static final int O_NONBLOCK = 2048;

    @Native
    public static final int F_GETFL = 3;

    @Native
    public static final int F_SETFL = 4;

    @Native
    public static final int F_SETPIPE_SZ = 1031;

    @Native
    public static final int SPLICE_F_NONBLOCK = 2;

    @Native
    public static final int EFD_CLOEXEC = 0x80000;

    @Native
    public static final int EFD_NONBLOCK = 2048;

    @Native
    public static final int POLLIN = 1;

    @Native
    public static final int POLLPRI = 2;

    @Native
    public static final int POLLOUT = 4;

    @Native
    public static final int POLLERR = 8;

    @Native
    public static final int POLLHUP = 0x10;

    @Native
    public static final int POLLRDHUP = 0x2000;

    // SOL_SOCKET options.
    @Native
    public static final int SO_REUSEADDR = 2;

    @Native
    public static final int SO_BROADCAST = 6;

    @Native
    public static final int SO_SNDBUF = 7;

    @Native
    public static final int SO_RCVBUF = 8;

    @Native
    public static final int SO_KEEPALIVE = 9;

    @Native
    public static final int SO_LINGER = 13;

    @Native
    public static final int SO_REUSEPORT = 15;

    @Native
    public static final int SO_PEERCRED = 17;

    @Native
    public static final int SO_PEERNAME = 28;

    @Native
    public static final int SO_BUSY_POLL = 46;

    @Native
    public static final int SO_INCOMING_CPU = 49;

    // IPPROTO_IP and IPPROTO_IPV6 options.
    @Native
    public static final int IP_TOS = 1;

    @Native
    public static final int IP_PKTINFO = 8;

    @Native
    public static final int IP_RECVTOS = 13;

    @Native
    public static final int IP_FREEBIND = 15;

    @Native
    public static final int IP_TRANSPARENT = 19;

    @Native
    public static final int IP_RECVORIGDSTADDR = 20;

    @Native
    public static final int IP_ORIGDSTADDR = 20;

    @Native
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;

    @Native
    public static final int IP_MULTICAST_IF = 32;

    @Native
    public static final int IP_MULTICAST_TTL = 33;

    @Native
    public static final int IP_MULTICAST_LOOP = 34;

    @Native
    public static final int IP_MULTICAST_ALL = 49;

    @Native
    public static final int MCAST_JOIN_GROUP = 42;

    @Native
    public static final int MCAST_BLOCK_SOURCE = 43;

    @Native
    public static final int MCAST_LEAVE_GROUP = 45;

    @Native
    public static final int MCAST_JOIN_SOURCE_GROUP = 46;

    @Native
    public static final int MCAST_LEAVE_SOURCE_GROUP = 47;

    @Native
    public static final int IPV6_MULTICAST_IF = 17;

    @Native
    public static final int IPV6_MULTICAST_HOPS = 18;

    @Native
    public static final int IPV6_MULTICAST_LOOP = 19;

    @Native
    public static final int IPV6_V6ONLY = 26;

    @Native
    public static final int IPV6_MULTICAST_ALL = 29;

    @Native
    public static final int IPV6_RECVPKTINFO = 49;

    @Native
    public static final int IPV6_PKTINFO = 50;

    @Native
    public static final int IPV6_RECVTCLASS = 66;

    @Native
    public static final int IPV6_TCLASS = 67;

    @Native
    public static final int IPV6_RECVORIGDSTADDR = 74;

    @Native
    public static final int IPV6_ORIGDSTADDR = 74;

    // IPPROTO_TCP options.
    @Native
    public static final int TCP_NODELAY = 1;

    @Native
    public static final int TCP_CORK = 3;

    @Native
    public static final int TCP_KEEPIDLE = 4;

    @Native
    public static final int TCP_KEEPINTVL = 5;

    @Native
    public static final int TCP_KEEPCNT = 6;

    @Native
    public static final int TCP_DEFER_ACCEPT = 9;

    @Native
    public static final int TCP_INFO = 11;

    @Native
    public static final int TCP_QUICKACK = 12;

    @Native
    public static final int TCP_MD5SIG = 14;

    @Native
    public static final int TCP_USER_TIMEOUT = 18;

    @Native
    public static final int TCP_FASTOPEN = 23;

    @Native
    public static final int TCP_NOTSENT_LOWAT = 25;

    @Native
    public static final int TCP_FASTOPEN_CONNECT = 30;

    // IPPROTO_UDP options.
    @Native
    public static final int UDP_SEGMENT = 103;

    @Native
    public static final int UDP_GRO = 104;

    // Layouts: offsets and sizes in bytes.
    @Native
    public static final int SOCKADDR_IN_PORT = 2;

    @Native
    public static final int SOCKADDR_IN_ADDR = 4;

    @Native
    public static final int SOCKADDR_IN_SIZE = 16;

    @Native
    public static final int SOCKADDR_IN6_PORT = 2;

    @Native
    public static final int SOCKADDR_IN6_ADDR = 8;

    @Native
    public static final int SOCKADDR_IN6_SCOPE_ID = 24;

    @Native
    public static final int SOCKADDR_IN6_SIZE = 28;

    @Native
    public static final int SOCKADDR_UN_PATH = 2;

    @Native
    public static final int SOCKADDR_UN_SIZE = 110;

    @Native
    public static final int SOCKADDR_STORAGE_SIZE = 128;

    @Native
    public static final int IOVEC_BASE = 0;

    @Native
    public static final int IOVEC_LEN = 8;

    @Native
    public static final int IOVEC_SIZE = 16;

    @Native
    public static final int MSGHDR_NAME = 0;

    @Native
    public static final int MSGHDR_NAMELEN = 8;

    @Native
    public static final int MSGHDR_IOV = 16;

    @Native
    public static final int MSGHDR_IOVLEN = 24;

    @Native
    public static final int MSGHDR_CONTROL = 32;

    @Native
    public static final int MSGHDR_CONTROLLEN = 40;

    @Native
    public static final int MSGHDR_FLAGS = 48;

    @Native
    public static final int MSGHDR_SIZE = 56;

    @Native
    public static final int MMSGHDR_SIZE = 64;

    @Native
    public static final int CMSGHDR_LEN = 0;

    @Native
    public static final int CMSGHDR_LEVEL = 8;

    @Native
    public static final int CMSGHDR_TYPE = 12;

    @Native
    public static final int CMSGHDR_SIZE = 16;

    @Native
    public static final int IN_PKTINFO_ADDR = 8;

    @Native
    public static final int IN_PKTINFO_SIZE = 12;

    @Native
    public static final int IN6_PKTINFO_ADDR = 0;

    @Native
    public static final int IN6_PKTINFO_IFINDEX = 16;

    @Native
    public static final int IN6_PKTINFO_SIZE = 20;

    @Native
    public static final int IP_MREQN_ADDRESS = 4;

    @Native
    public static final int IP_MREQN_IFINDEX = 8;

    @Native
    public static final int IP_MREQN_SIZE = 12;

    @Native
    public static final int GROUP_REQ_INTERFACE = 0;

    @Native
    public static final int GROUP_REQ_GROUP = 8;

    @Native
    public static final int GROUP_REQ_SIZE = 136;

    @Native
    public static final int GROUP_SOURCE_REQ_SOURCE = 136;

    @Native
    public static final int GROUP_SOURCE_REQ_SIZE = 264;

    @Native
    public static final int UCRED_PID = 0;

    @Native
    public static final int UCRED_UID = 4;

    @Native
    public static final int UCRED_GID = 8;

    @Native
    public static final int LINGER_ONOFF = 0;

    @Native
    public static final int LINGER_LINGER = 4;

    @Native
    public static final int LINGER_SIZE = 8;

    @Native
    public static final int TCP_MD5SIG_KEYLEN = 130;

    @Native
    public static final int TCP_MD5SIG_KEY = 136;

    @Native
    public static final int TCP_MD5SIG_MAXKEYLEN = 80;

    @Native
    public static final int TCP_MD5SIG_SIZE = 216;
}
