// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.internal.StringUtil;
import java.util.Map;

/** Reads and writes the options of the {@linkplain SocketOptions table} that a kind of channel has, and Netty's own. */
abstract class UringChannelConfig extends DefaultChannelConfig {
    private final SocketOptions options;

    UringChannelConfig(AbstractUringChannel channel, RecvByteBufAllocator allocator, SocketOptions options) {
        super(channel, allocator);
        this.options = options;
    }

    final SocketFd socket() {
        return ((AbstractUringChannel) channel).socket();
    }

    /** The table of what it has beyond Netty's own options. */
    final SocketOptions options() {
        return options;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        Map<ChannelOption<?>, Object> all = super.getOptions();
        for (ConfigOption<?> option : options.all()) {
            try {
                if (option.isReadable()) {
                    all.put(option.key(), option.get(this));
                }
            } catch (ChannelException unsupported) {
                // this kernel has none such
            }
        }
        return all;
    }

    @Override
    public <T> T getOption(ChannelOption<T> key) {
        ConfigOption<T> option = options.find(key);
        return option != null ? option.get(this) : super.getOption(key);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> key, T value) {
        ConfigOption<T> option = options.find(key);
        if (option == null) {
            return super.setOption(key, value);
        }
        validate(key, value);
        option.set(this, value);
        return true;
    }

    @Override
    public UringChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        if (!(allocator.newHandle() instanceof RecvByteBufAllocator.ExtendedHandle)) {
            throw new IllegalArgumentException("allocator: " + StringUtil.simpleClassName(allocator)
                    + " (expected: one whose handles are ExtendedHandles)");
        }
        super.setRecvByteBufAllocator(allocator);
        return this;
    }
}
