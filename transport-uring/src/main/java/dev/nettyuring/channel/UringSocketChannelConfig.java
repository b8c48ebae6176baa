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

/**
 * The options of a {@link UringSocketChannel}: those of Netty's NIO socket channel and of {@link UringChannelOption}.
 * TCP_NODELAY is on, as everywhere in Netty. Any thread.
 */
public final class UringSocketChannelConfig extends UringChannelConfig implements SocketChannelConfig {
    private static final ZeroCopy DEFAULT_ZERO_COPY = ZeroCopy.preset();
    private static final int DEFAULT_ZERO_COPY_THRESHOLD = 32 << 10;

    private static final int LINGER_OFF = -1;

    private final UringSocketChannel channel;
    private final TcpMd5Keys ownMd5Keys = new TcpMd5Keys();
    private volatile boolean allowHalfClosure;
    private volatile ZeroCopy zeroCopy = DEFAULT_ZERO_COPY;
    private volatile int zeroCopyThreshold = DEFAULT_ZERO_COPY_THRESHOLD;
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

    /** What SO_LINGER was set to: closing asks every time, and need not ask the kernel. */
    private volatile int soLinger = LINGER_OFF;

    UringSocketChannelConfig(UringSocketChannel channel) {
        super(channel, new WholePieces(), SocketOptions.STREAM);
        this.channel = channel;
        if (PlatformDependent.canEnableTcpNoDelayByDefault()) {
            try {
                setTcpNoDelay(true);
            } catch (ChannelException connectionIsGone) {
                // reading will tell
            }
        }
    }

    void inheritMd5Keys(TcpMd5Keys server) {
        ownMd5Keys.inherit(server);
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        Map<ChannelOption<?>, Object> all = super.getOptions();
        all.put(ChannelOption.ALLOW_HALF_CLOSURE, isAllowHalfClosure());
        all.put(UringChannelOption.ZERO_COPY, getZeroCopy());
        all.put(UringChannelOption.ZERO_COPY_THRESHOLD, getZeroCopyThreshold());
        return all;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> key) {
        if (key == ChannelOption.ALLOW_HALF_CLOSURE) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        if (key == UringChannelOption.ZERO_COPY) {
            return (T) getZeroCopy();
        }
        if (key == UringChannelOption.ZERO_COPY_THRESHOLD) {
            return (T) Integer.valueOf(getZeroCopyThreshold());
        }
        return super.getOption(key);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> boolean setOption(ChannelOption<T> key, T value) {
        if (key == ChannelOption.ALLOW_HALF_CLOSURE) {
            validate(key, value);
            allowHalfClosure = (Boolean) value;
        } else if (key == UringChannelOption.ZERO_COPY) {
            validate(key, value);
            setZeroCopy((ZeroCopy) value);
        } else if (key == UringChannelOption.ZERO_COPY_THRESHOLD) {
            validate(key, value);
            setZeroCopyThreshold((Integer) value);
        } else if (key == UringChannelOption.TCP_MD5SIG) {
            validate(key, value);
            ownMd5Keys.set(socket(), (Map<InetAddress, byte[]>) value);
        } else if (!super.setOption(key, value)) {
            return false;
        } else if (key == ChannelOption.SO_LINGER) {
            soLinger = (Integer) value;
        }
        return true;
    }

    @Override
    protected void autoReadCleared() {
        channel.autoReadCleared();
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public UringSocketChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        this.allowHalfClosure = allowHalfClosure;
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
