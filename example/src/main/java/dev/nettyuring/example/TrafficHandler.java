// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/** Counts connections and their bytes; the first handler of every pipeline. */
@Sharable
final class TrafficHandler extends ChannelDuplexHandler {
    final LongAdder connections = new LongAdder();
    final LongAdder openConnections = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder bytesSent = new LongAdder();

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connections.increment();
        openConnections.increment();
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        openConnections.decrement();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        bytesReceived.add(((ByteBuf) message).readableBytes());
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        bytesSent.add(((ByteBuf) message).readableBytes());
        ctx.write(message, promise);
    }
}
