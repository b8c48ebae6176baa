// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.util.NetUtil;
import io.netty.util.internal.ObjectUtil;

/** The options that all listening sockets have. Any thread. */
abstract class UringServerChannelConfig extends UringChannelConfig {
    private final UringServerChannel channel;
    private volatile int backlog = NetUtil.SOMAXCONN;

    UringServerChannelConfig(UringServerChannel channel, SocketOptions options) {
        super(channel, new ServerChannelRecvByteBufAllocator(), options);
        this.channel = channel;
    }

    @Override
    protected final void autoReadCleared() {
        channel.autoReadCleared();
    }

    /** How many connections wait to be accepted at the most. */
    public int getBacklog() {
        return backlog;
    }

    /** How many connections wait to be accepted at the most; counts when the channel is bound. */
    public UringServerChannelConfig setBacklog(int backlog) {
        this.backlog = ObjectUtil.checkPositiveOrZero(backlog, "backlog");
        return this;
    }
}
