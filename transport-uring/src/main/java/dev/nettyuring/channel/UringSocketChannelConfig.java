// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.PlatformDependent;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;

/**
 * The options of a {@link UringSocketChannel}: those of Netty's NIO socket channel and of {@link UringChannelOption}.
 * TCP_NODELAY is on, as everywhere in Netty. Any thread.
 */
public final class UringSocketChannelConfig extends UringStreamChannelConfig implements SocketChannelConfig {
    private static final ZeroCopy DEFAULT_ZERO_COPY = ZeroCopy.preset();
    private static final int DEFAULT_ZERO_COPY_THRESHOLD = 32 << 10;

    private static final int NEVER_ZERO_COPY = -1;
    private static final int LINGER_OFF = -1;

    private volatile Set<InetAddress> md5Peers = Set.of();
    private volatile ZeroCopy zeroCopy = DEFAULT_ZERO_COPY;
    private volatile int zeroCopyThreshold = DEFAULT_ZERO_COPY_THRESHOLD;
    /** What SO_LINGER was set to: closing asks every time, and need not ask the kernel. */
    private volatile int soLinger = LINGER_OFF;

    UringSocketChannelConfig(UringSocketChannel channel) {
        super(channel, SocketOptions.STREAM);
        if (PlatformDependent.canEnableTcpNoDelayByDefault()) {
            try {
                setTcpNoDelay(true);
            } catch (ChannelException connectionIsGone) {
                // reading will tell
            }
        }
    }

    /** {@link UringChannelOption#ZERO_COPY}. */
    public ZeroCopy getZeroCopy() {
        return zeroCopy;
    }

    /** {@link UringChannelOption#ZERO_COPY}. */
    public UringSocketChannelConfig setZeroCopy(ZeroCopy zeroCopy) {
        this.zeroCopy = ObjectUtil.checkNotNull(zeroCopy, "zeroCopy");
        return this;
    }

    /** {@link UringChannelOption#ZERO_COPY_THRESHOLD}, in bytes. */
    public int getZeroCopyThreshold() {
        return zeroCopyThreshold;
    }

    /**
     * {@link UringChannelOption#ZERO_COPY_THRESHOLD}.
     *
     * @param bytes 1 or more
     */
    public UringSocketChannelConfig setZeroCopyThreshold(int bytes) {
        zeroCopyThreshold = ObjectUtil.checkPositive(bytes, "bytes");
        return this;
    }

    int nettysZeroCopyThreshold() {
        return zeroCopy == ZeroCopy.NEVER ? NEVER_ZERO_COPY : zeroCopyThreshold;
    }

    void setNettysZeroCopyThreshold(int bytes) {
        if (bytes == NEVER_ZERO_COPY) {
            setZeroCopy(ZeroCopy.NEVER);
        } else {
            setZeroCopyThreshold(Math.max(ObjectUtil.checkPositiveOrZero(bytes, "bytes"), 1));
            setZeroCopy(ZeroCopy.AUTO);
        }
    }

    /** What an accepted connection has from its server: the kernel has copied the keys. */
    void inheritMd5Peers(Set<InetAddress> server) {
        md5Peers = server;
    }

    synchronized void setMd5Keys(Map<InetAddress, byte[]> keys) {
        md5Peers = TcpMd5Keys.replace(socket(), md5Peers, keys);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> key, T value) {
        boolean known = super.setOption(key, value);
        if (key == ChannelOption.SO_LINGER) {
            soLinger = (Integer) value;
        }
        return known;
    }

    @Override
    ZeroCopy zeroCopy() {
        return zeroCopy;
    }

    @Override
    int zeroCopyThreshold() {
        return zeroCopyThreshold;
    }

    @Override
    public UringSocketChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        super.setAllowHalfClosure(allowHalfClosure);
        return this;
    }

    /** What SO_LINGER was set to through this channel, in seconds; -1 if it was not. */
    @Override
    public int getSoLinger() {
        return soLinger;
    }

    @Override
    public UringSocketChannelConfig setSoLinger(int soLinger) {
        setOption(ChannelOption.SO_LINGER, soLinger);
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        return getOption(ChannelOption.TCP_NODELAY);
    }

    @Override
    public UringSocketChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
        setOption(ChannelOption.TCP_NODELAY, tcpNoDelay);
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        return getOption(ChannelOption.SO_KEEPALIVE);
    }

    @Override
    public UringSocketChannelConfig setKeepAlive(boolean keepAlive) {
        setOption(ChannelOption.SO_KEEPALIVE, keepAlive);
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return getOption(ChannelOption.SO_REUSEADDR);
    }

    @Override
    public UringSocketChannelConfig setReuseAddress(boolean reuseAddress) {
        setOption(ChannelOption.SO_REUSEADDR, reuseAddress);
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return getOption(ChannelOption.SO_SNDBUF);
    }

    @Override
    public UringSocketChannelConfig setSendBufferSize(int sendBufferSize) {
        setOption(ChannelOption.SO_SNDBUF, sendBufferSize);
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return getOption(ChannelOption.SO_RCVBUF);
    }

    @Override
    public UringSocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        setOption(ChannelOption.SO_RCVBUF, receiveBufferSize);
        return this;
    }

    @Override
    public int getTrafficClass() {
        return getOption(ChannelOption.IP_TOS);
    }

    @Override
    public UringSocketChannelConfig setTrafficClass(int trafficClass) {
        setOption(ChannelOption.IP_TOS, trafficClass);
        return this;
    }

    /** Does nothing, as with the JDK's sockets on Linux. */
    @Override
    public UringSocketChannelConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public UringSocketChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Override
    @Deprecated
    public UringSocketChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public UringSocketChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public UringSocketChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public UringSocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public UringSocketChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public UringSocketChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    @Deprecated
    public UringSocketChannelConfig setWriteBufferHighWaterMark(int writeBufferHighWaterMark) {
        super.setWriteBufferHighWaterMark(writeBufferHighWaterMark);
        return this;
    }

    @Override
    @Deprecated
    public UringSocketChannelConfig setWriteBufferLowWaterMark(int writeBufferLowWaterMark) {
        super.setWriteBufferLowWaterMark(writeBufferLowWaterMark);
        return this;
    }

    @Override
    public UringSocketChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }

    @Override
    public UringSocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }
}
