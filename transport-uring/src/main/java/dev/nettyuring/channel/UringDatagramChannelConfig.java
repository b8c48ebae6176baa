// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannelConfig;
import io.netty.util.internal.ObjectUtil;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Enumeration;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * The options of a {@link UringDatagramChannel}: those of Netty's NIO datagram channel and of {@link UringChannelOption}. With
 * {@link ChannelOption#DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION} a channel counts as active before it is bound. Any thread.
 */
public final class UringDatagramChannelConfig extends UringChannelConfig implements DatagramChannelConfig {
    /** What makes the kernel tell more of each datagram, in control messages. */
    private static final Set<ChannelOption<Boolean>> TELLING = Set.of(
            UringChannelOption.IP_RECVORIGDSTADDR,
            UringChannelOption.IP_PKTINFO,
            UringChannelOption.IP_RECVTOS,
            UringChannelOption.UDP_GRO);

    private final UringDatagramChannel channel;
    private final Multicast multicast;
    /** Those of these that are on. */
    private final Set<ChannelOption<?>> told = new CopyOnWriteArraySet<>();

    private volatile boolean activeOnRegistration;
    private volatile boolean udpGroSegmented;
    private volatile int maxDatagramPayloadSize = AbstractUringDatagramChannel.ANY_SIZE;

    UringDatagramChannelConfig(UringDatagramChannel channel, Multicast multicast) {
        super(channel, new WholePieces(), SocketOptions.DATAGRAM);
        this.channel = channel;
        this.multicast = multicast;
        try {
            setOption(UringChannelOption.IP_MULTICAST_ALL, false);
        } catch (ChannelException olderKernel) {
            // IPv6 has it since 4.20
        }
    }

    /** Finds out what a socket that was made by somebody else is set to. */
    void readTold() {
        for (ChannelOption<Boolean> option : TELLING) {
            note(option, getOption(option));
        }
    }

    private void note(ChannelOption<?> option, Boolean on) {
        if (on ? told.add(option) : told.remove(option)) {
            channel.receiveChanged();
        }
    }

    boolean wantsControlMessages() {
        return !told.isEmpty();
    }

    boolean isActiveOnRegistration() {
        return activeOnRegistration;
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> key, T value) {
        boolean known = super.setOption(key, value);
        if (known && value instanceof Boolean && TELLING.contains(key)) {
            note(key, (Boolean) value);
        }
        return known;
    }

    void setActiveOnRegistration(boolean active) {
        if (channel.isRegistered()) {
            throw new IllegalStateException(
                    "DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION counts at registration: set it before");
        }
        activeOnRegistration = active;
    }

    @Override
    protected void autoReadCleared() {
        channel.autoReadCleared();
    }

    /** {@link UringChannelOption#MAX_DATAGRAM_PAYLOAD_SIZE}, in bytes. */
    public int getMaxDatagramPayloadSize() {
        return maxDatagramPayloadSize;
    }

    /**
     * {@link UringChannelOption#MAX_DATAGRAM_PAYLOAD_SIZE}.
     *
     * @param bytes 0 for any size
     */
    public UringDatagramChannelConfig setMaxDatagramPayloadSize(int bytes) {
        maxDatagramPayloadSize = ObjectUtil.checkPositiveOrZero(bytes, "bytes");
        channel.receiveChanged();
        return this;
    }

    /** {@link UringChannelOption#UDP_GRO}, as it was set through this. */
    public boolean isUdpGro() {
        return told.contains(UringChannelOption.UDP_GRO);
    }

    /** {@link UringChannelOption#UDP_GRO}. */
    public UringDatagramChannelConfig setUdpGro(boolean gro) {
        setOption(UringChannelOption.UDP_GRO, gro);
        return this;
    }

    /** {@link UringChannelOption#UDP_GRO_SEGMENTED}. */
    public boolean isUdpGroSegmented() {
        return udpGroSegmented;
    }

    /** {@link UringChannelOption#UDP_GRO_SEGMENTED}. */
    public UringDatagramChannelConfig setUdpGroSegmented(boolean segmented) {
        udpGroSegmented = segmented;
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return getOption(ChannelOption.SO_SNDBUF);
    }

    @Override
    public UringDatagramChannelConfig setSendBufferSize(int sendBufferSize) {
        setOption(ChannelOption.SO_SNDBUF, sendBufferSize);
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return getOption(ChannelOption.SO_RCVBUF);
    }

    @Override
    public UringDatagramChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        setOption(ChannelOption.SO_RCVBUF, receiveBufferSize);
        return this;
    }

    @Override
    public int getTrafficClass() {
        return getOption(ChannelOption.IP_TOS);
    }

    @Override
    public UringDatagramChannelConfig setTrafficClass(int trafficClass) {
        setOption(ChannelOption.IP_TOS, trafficClass);
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return getOption(ChannelOption.SO_REUSEADDR);
    }

    @Override
    public UringDatagramChannelConfig setReuseAddress(boolean reuseAddress) {
        setOption(ChannelOption.SO_REUSEADDR, reuseAddress);
        return this;
    }

    /** {@link io.netty.channel.unix.UnixChannelOption#SO_REUSEPORT}. */
    public boolean isReusePort() {
        return getOption(UringChannelOption.SO_REUSEPORT);
    }

    /** {@link io.netty.channel.unix.UnixChannelOption#SO_REUSEPORT}. */
    public UringDatagramChannelConfig setReusePort(boolean reusePort) {
        setOption(UringChannelOption.SO_REUSEPORT, reusePort);
        return this;
    }

    @Override
    public boolean isBroadcast() {
        return getOption(ChannelOption.SO_BROADCAST);
    }

    @Override
    public UringDatagramChannelConfig setBroadcast(boolean broadcast) {
        setOption(ChannelOption.SO_BROADCAST, broadcast);
        return this;
    }

    @Override
    public boolean isLoopbackModeDisabled() {
        return getOption(ChannelOption.IP_MULTICAST_LOOP_DISABLED);
    }

    @Override
    public UringDatagramChannelConfig setLoopbackModeDisabled(boolean loopbackModeDisabled) {
        setOption(ChannelOption.IP_MULTICAST_LOOP_DISABLED, loopbackModeDisabled);
        return this;
    }

    /** How many hops multicast goes. */
    @Override
    public int getTimeToLive() {
        return getOption(ChannelOption.IP_MULTICAST_TTL);
    }

    @Override
    public UringDatagramChannelConfig setTimeToLive(int ttl) {
        setOption(ChannelOption.IP_MULTICAST_TTL, ttl);
        return this;
    }

    /** An address of the interface that multicast is sent by; {@code null} if none was set. */
    @Override
    public InetAddress getInterface() {
        NetworkInterface by = getNetworkInterface();
        Enumeration<InetAddress> addresses = by == null ? null : by.getInetAddresses();
        return addresses != null && addresses.hasMoreElements() ? addresses.nextElement() : null;
    }

    @Override
    public UringDatagramChannelConfig setInterface(InetAddress interfaceAddress) {
        NetworkInterface by;
        try {
            by = NetworkInterface.getByInetAddress(interfaceAddress);
        } catch (SocketException e) {
            throw new ChannelException(e);
        }
        if (by == null) {
            throw new ChannelException(
                    "IP_MULTICAST_ADDR: " + interfaceAddress + " (expected: one of this machine's addresses)");
        }
        return setNetworkInterface(by);
    }

    /** The interface that multicast is sent by; {@code null} if none was set. */
    @Override
    public NetworkInterface getNetworkInterface() {
        return multicast.networkInterface();
    }

    @Override
    public UringDatagramChannelConfig setNetworkInterface(NetworkInterface networkInterface) {
        multicast.setNetworkInterface(networkInterface);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Override
    @Deprecated
    public UringDatagramChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setMaxMessagesPerWrite(int maxMessagesPerWrite) {
        super.setMaxMessagesPerWrite(maxMessagesPerWrite);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    @Deprecated
    public UringDatagramChannelConfig setWriteBufferHighWaterMark(int writeBufferHighWaterMark) {
        super.setWriteBufferHighWaterMark(writeBufferHighWaterMark);
        return this;
    }

    @Override
    @Deprecated
    public UringDatagramChannelConfig setWriteBufferLowWaterMark(int writeBufferLowWaterMark) {
        super.setWriteBufferLowWaterMark(writeBufferLowWaterMark);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }

    @Override
    public UringDatagramChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }
}
