// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A socket's file descriptor, and whether it is still open in each direction. What it does are plain system calls that
 * do not block; what waits is the ring's. Any thread.
 */
final class SocketFd {
    /** The largest option there is, {@code struct tcp_md5sig} or {@code struct tcp_info}, with room to spare. */
    static final int MAX_OPTION_BYTES = 512;

    private static final int CLOSED = 1;
    private static final int INPUT_SHUT_DOWN = 1 << 1;
    private static final int OUTPUT_SHUT_DOWN = 1 << 2;
    private static final int CLOSING = 1 << 3;
    private static final int NON_BLOCKING = 1 << 4;

    private static final AtomicIntegerFieldUpdater<SocketFd> STATE =
            AtomicIntegerFieldUpdater.newUpdater(SocketFd.class, "state");

    /** An option's or address's bytes, then its length. */
    private static final FastThreadLocal<Scratch> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
            return new Scratch();
        }
    };

    private final int fd;
    private final boolean ipv6;
    /** Not handed in by the user, nor accepted. */
    private final boolean ours;

    private volatile int state;

    private static final class Scratch {
        final ByteBuffer memory =
                ByteBuffer.allocateDirect(MAX_OPTION_BYTES + Integer.BYTES).order(ByteOrder.nativeOrder());
        final long address = Native.directBufferAddress(memory);
        final long lengthAddress = address + MAX_OPTION_BYTES;

        void length(int length) {
            memory.putInt(MAX_OPTION_BYTES, length);
        }

        /** As the kernel says, which tells the whole length of what it had no room for. */
        int length() {
            int told = memory.getInt(MAX_OPTION_BYTES);
            return told < 0 || told > MAX_OPTION_BYTES ? MAX_OPTION_BYTES : told;
        }
    }

    /** Reads or writes an option's bytes, from index 0. */
    interface OptionBytes<T> {
        T read(ByteBuffer memory, int length);
    }

    private SocketFd(int fd, boolean ipv6, boolean ours) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.ours = ours;
    }

    /**
     * A new TCP socket.
     *
     * @param family {@code null} for one that speaks IPv6 and IPv4, where there is IPv6
     * @throws ChannelException if there is no fd to be had
     */
    static SocketFd newStream(SocketProtocolFamily family) {
        return newSocket(family, SocketAbi.SOCK_STREAM);
    }

    /** A new UDP socket; see {@link #newStream}. */
    static SocketFd newDatagram(SocketProtocolFamily family) {
        return newSocket(family, SocketAbi.SOCK_DGRAM);
    }

    private static SocketFd newSocket(SocketProtocolFamily family, int type) {
        boolean ipv6 = NewSockets.isIpv6(family);
        int fd = NewSockets.open(ipv6 ? SocketAbi.AF_INET6 : SocketAbi.AF_INET, type);
        SocketFd socket = new SocketFd(fd, ipv6, true);
        if (ipv6) {
            try {
                socket.setInt(SocketAbi.IPPROTO_IPV6, SocketAbi.IPV6_V6ONLY, 0);
            } catch (ChannelException e) {
                socket.discard();
                throw e;
            }
        }
        return socket;
    }

    /**
     * A new Unix domain socket.
     *
     * @param type SOCK_STREAM or SOCK_DGRAM
     * @throws ChannelException if there is no fd to be had
     */
    static SocketFd newDomain(int type) {
        return new SocketFd(NewSockets.open(SocketAbi.AF_UNIX, type), false, true);
    }

    /** A Unix domain socket that the user hands in. */
    static SocketFd ofDomain(int fd) {
        SocketFd socket = of(fd);
        if (socket.localDomainAddress() == null) {
            throw new ChannelException("fd " + fd + " is not a Unix domain socket");
        }
        return socket;
    }

    /** A socket that exists already: accepted, or handed in by the user. */
    static SocketFd of(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("fd: " + fd + " (expected: 0 or more)");
        }
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        int result = Native.getsockname(fd, scratch.address, scratch.lengthAddress);
        if (result < 0) {
            throw new ChannelException(Errno.newSocketException("getsockname(" + fd + ')', result));
        }
        return new SocketFd(fd, scratch.memory.getShort(0) == SocketAbi.AF_INET6, false);
    }

    /** An accepted connection, of the family of its server. */
    SocketFd accepted(int fd) {
        return new SocketFd(fd, ipv6, false);
    }

    int fd() {
        return fd;
    }

    boolean isIpv6() {
        return ipv6;
    }

    private int getAndMark(int mark) {
        return STATE.getAndUpdate(this, marks -> marks | mark);
    }

    boolean isOpen() {
        return (state & (CLOSING | CLOSED)) == 0;
    }

    boolean isInputShutDown() {
        return !isOpen() || (state & INPUT_SHUT_DOWN) != 0;
    }

    boolean isOutputShutDown() {
        return !isOpen() || (state & OUTPUT_SHUT_DOWN) != 0;
    }

    /**
     * From now on no plain system call on it blocks. The ring's operations wait, as they did before.
     *
     * @throws IOException if the kernel refuses
     */
    void makeNonBlocking() throws IOException {
        if ((state & NON_BLOCKING) != 0) {
            return;
        }
        int flags = Native.fcntl(fd, SocketAbi.F_GETFL, 0);
        int result = flags < 0 ? flags : Native.fcntl(fd, SocketAbi.F_SETFL, flags | SocketAbi.O_NONBLOCK);
        if (result < 0) {
            throw Errno.newSocketException("fcntl(O_NONBLOCK)", result);
        }
        getAndMark(NON_BLOCKING);
    }

    /** Closes it, unless it is the user's: its channel could not be made. */
    void discard() {
        if (ours && markClosed()) {
            Native.close(fd);
        }
    }

    /** Another thread will close it: from now on it is not open, though the fd is still ours. */
    void beginClose() {
        getAndMark(CLOSING);
    }

    /** Marks it closed; {@code true} for the one caller that has to close the fd. */
    boolean markClosed() {
        return (getAndMark(CLOSED) & CLOSED) == 0;
    }

    void close() throws IOException {
        int result = Native.close(fd);
        if (result < 0) {
            throw Errno.newSocketException("close", result);
        }
    }

    /** The same where nobody is left to be told of a failure. */
    void closeQuietly() {
        Native.close(fd);
    }

    void bind(InetSocketAddress address) throws IOException {
        Scratch scratch = SCRATCH.get();
        int length = SocketAddresses.write(scratch.memory, address, ipv6);
        int result = Native.bind(fd, scratch.address, length);
        if (result < 0) {
            throw Errno.newSocketException("bind(" + address + ')', result);
        }
    }

    /** Sets a datagram socket's peer. A stream socket would block. */
    void connect(InetSocketAddress address) throws IOException {
        Scratch scratch = SCRATCH.get();
        int length = SocketAddresses.write(scratch.memory, address, ipv6);
        int result = Native.connect(fd, scratch.address, length);
        if (result < 0) {
            throw Errno.newSocketException("connect", result);
        }
    }

    /** The same, of a Unix domain socket of datagrams. */
    void connect(DomainSocketAddress address) throws IOException {
        Scratch scratch = SCRATCH.get();
        int length = DomainAddresses.write(scratch.memory, address);
        int result = Native.connect(fd, scratch.address, length);
        if (result < 0) {
            throw DomainAddresses.unreachable("connect(" + DomainAddresses.name(address) + ')', result);
        }
    }

    /** Makes a datagram socket have no peer. What was bound to explicitly it stays bound to. */
    void disconnect() throws IOException {
        Scratch scratch = SCRATCH.get();
        scratch.memory.putLong(0, SocketAbi.AF_UNSPEC);
        scratch.memory.putLong(Long.BYTES, 0);
        int result = Native.connect(fd, scratch.address, SocketAbi.SOCKADDR_IN_SIZE);
        if (result < 0) {
            throw Errno.newSocketException("connect(AF_UNSPEC)", result);
        }
    }

    /** Binds a Unix domain socket. */
    void bind(DomainSocketAddress address) throws IOException {
        Scratch scratch = SCRATCH.get();
        int length = DomainAddresses.write(scratch.memory, address);
        int result = Native.bind(fd, scratch.address, length);
        if (result < 0) {
            throw DomainBindFailure.of(address, result, scratch.address, length);
        }
    }

    void listen(int backlog) throws IOException {
        int result = Native.listen(fd, backlog);
        if (result < 0) {
            throw Errno.newSocketException("listen", result);
        }
    }

    /** Marks the input shut down before the call, so that the end of stream that it causes is known for ours. */
    void shutdownInput() throws IOException {
        getAndMark(INPUT_SHUT_DOWN);
        shutdown(SocketAbi.SHUT_RD);
    }

    void shutdownOutput() throws IOException {
        getAndMark(OUTPUT_SHUT_DOWN);
        shutdown(SocketAbi.SHUT_WR);
    }

    private void shutdown(int how) throws IOException {
        int result = Native.shutdown(fd, how);
        if (result < 0 && result != -Errno.ENOTCONN) { // the peer was faster
            throw Errno.newSocketException("shutdown", result);
        }
    }

    /** The address it is bound to; {@code null} if it is not open. */
    InetSocketAddress localAddress() {
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        return Native.getsockname(fd, scratch.address, scratch.lengthAddress) < 0
                ? null
                : SocketAddresses.read(scratch.memory, scratch.length());
    }

    /** The peer's address; {@code null} if it is not connected. */
    InetSocketAddress remoteAddress() {
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        return Native.getpeername(fd, scratch.address, scratch.lengthAddress) < 0
                ? lostPeer(scratch)
                : SocketAddresses.read(scratch.memory, scratch.length());
    }

    /** Of a connection that was reset, of which getpeername(2) says nothing. */
    private InetSocketAddress lostPeer(Scratch scratch) {
        scratch.length(ipv6 ? SocketAbi.SOCKADDR_IN6_SIZE : SocketAbi.SOCKADDR_IN_SIZE);
        int result = Native.getsockopt(
                fd, SocketAbi.SOL_SOCKET, SocketAbi.SO_PEERNAME, scratch.address, scratch.lengthAddress);
        return result < 0 ? null : SocketAddresses.read(scratch.memory, scratch.length());
    }

    /** The address that a Unix domain socket is bound to; {@code null} if it is not open, or of another family. */
    DomainSocketAddress localDomainAddress() {
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        return Native.getsockname(fd, scratch.address, scratch.lengthAddress) < 0
                ? null
                : DomainAddresses.read(scratch.memory, 0, scratch.length());
    }

    /** The address of a Unix domain socket's peer; {@code null} if it is not connected. */
    DomainSocketAddress remoteDomainAddress() {
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        return Native.getpeername(fd, scratch.address, scratch.lengthAddress) < 0
                ? null
                : DomainAddresses.read(scratch.memory, 0, scratch.length());
    }

    /**
     * Reads an option.
     *
     * @throws ChannelException with errno's name if the kernel refuses, and after closing
     */
    <T> T getOption(int level, int name, String what, OptionBytes<T> bytes) {
        checkOpen(what);
        Scratch scratch = SCRATCH.get();
        scratch.length(MAX_OPTION_BYTES);
        check("getsockopt", what, Native.getsockopt(fd, level, name, scratch.address, scratch.lengthAddress));
        return bytes.read(scratch.memory, scratch.length());
    }

    /**
     * Sets an option.
     *
     * @param write writes the value from index 0 and returns its length
     * @throws ChannelException with errno's name if the kernel refuses, and after closing
     */
    void setOption(int level, int name, String what, java.util.function.ToIntFunction<ByteBuffer> write) {
        checkOpen(what);
        Scratch scratch = SCRATCH.get();
        int length = write.applyAsInt(scratch.memory);
        check("setsockopt", what, Native.setsockopt(fd, level, name, scratch.address, length));
    }

    private void setInt(int level, int name, int value) {
        setOption(level, name, String.valueOf(name), memory -> {
            memory.putInt(0, value);
            return Integer.BYTES;
        });
    }

    /** The fd's number may be another socket's by now. */
    private void checkOpen(String what) {
        if (!isOpen()) {
            check("option", what, -Errno.EBADF);
        }
    }

    private static void check(String call, String what, int result) {
        if (result < 0) {
            throw new ChannelException(Errno.newSocketException(call + '(' + what + ')', result));
        }
    }
}
