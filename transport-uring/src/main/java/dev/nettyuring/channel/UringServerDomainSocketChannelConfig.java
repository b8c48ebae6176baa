// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelOption;

/** The options of a {@link UringServerDomainSocketChannel}. Any thread. */
public final class UringServerDomainSocketChannelConfig extends UringServerChannelConfig {
    UringServerDomainSocketChannelConfig(UringServerDomainSocketChannel channel) {
        super(channel, SocketOptions.DOMAIN_SERVER);
    }

    /** SO_RCVBUF, in bytes. */
    public int getReceiveBufferSize() {
        return getOption(ChannelOption.SO_RCVBUF);
    }

    /** SO_RCVBUF, in bytes; the kernel doubles it. */
    public UringServerDomainSocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        setOption(ChannelOption.SO_RCVBUF, receiveBufferSize);
        return this;
    }

    /** {@inheritDoc} */
    @Override
    public UringServerDomainSocketChannelConfig setBacklog(int backlog) {
        super.setBacklog(backlog);
        return this;
    }
}
