// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;

/**
 * Gives every channel that a bootstrap makes, ours and NIO's, {@link UringByteBufAllocator#DEFAULT}, unless its test sets
 * another: with {@code -Dio.netty.bootstrap.extensions=serviceload}, by which Netty loads extensions.
 */
public final class AllocatorExtension extends ChannelInitializerExtension {
    private static void prepare(Channel channel) {
        if (channel.config().getAllocator() == ByteBufAllocator.DEFAULT) {
            channel.config().setAllocator(UringByteBufAllocator.DEFAULT);
        }
    }

    @Override
    public void postInitializeServerListenerChannel(ServerChannel channel) {
        prepare(channel);
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        prepare(channel);
    }

    @Override
    public void postInitializeClientChannel(Channel channel) {
        prepare(channel);
    }
}
