// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import dev.nettyuring.channel.UringIoHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Two loops, which say what channels they were given. */
final class RecordedGroup extends MultiThreadIoEventLoopGroup {
    final Queue<Class<?>> channels = new ConcurrentLinkedQueue<>();

    RecordedGroup() {
        super(2, UringIoHandler.newFactory());
    }

    @Override
    public ChannelFuture register(Channel channel) {
        channels.add(channel.getClass());
        return super.register(channel);
    }

    void end() throws Exception {
        shutdownGracefully(0, Limits.SECONDS, TimeUnit.SECONDS).get(Limits.SECONDS, TimeUnit.SECONDS);
    }
}
