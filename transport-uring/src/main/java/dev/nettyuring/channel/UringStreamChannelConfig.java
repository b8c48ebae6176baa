// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/** The options that all connections have, TCP's and Unix domain sockets'. Any thread. */
public abstract class UringStreamChannelConfig extends UringChannelConfig {
    private volatile boolean allowHalfClosure;

    UringStreamChannelConfig(UringStreamChannel channel, SocketOptions options) {
        super(channel, new WholePieces(), options);
    }

    /** Whether what is sent is sent by zero copy. */
    abstract ZeroCopy zeroCopy();

    /** From how many bytes on {@link ZeroCopy#AUTO} tries zero copy. */
    abstract int zeroCopyThreshold();

    @Override
    protected final void autoReadCleared() {
        ((UringStreamChannel) channel).autoReadCleared();
    }

    /** {@link io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE}. */
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    /** {@link io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE}. */
    public UringStreamChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        this.allowHalfClosure = allowHalfClosure;
        return this;
    }
}
