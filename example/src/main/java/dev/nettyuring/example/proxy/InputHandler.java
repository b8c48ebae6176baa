// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;

/** Gives what a connection receives to its {@link HttpInput}, and tells the exchange what becomes of the connection. */
final class InputHandler extends ChannelInboundHandlerAdapter {
    private final HttpExchange owner;
    private final HttpInput input;
    private boolean broken;

    InputHandler(HttpExchange owner, HttpInput input) {
        this.owner = owner;
        this.input = input;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        owner.opened(input);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        input.received((ByteBuf) message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        owner.writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        input.ended(broken);
        owner.closed(input);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken = true;
        if (!(cause instanceof IOException)) { // else the peer is gone, which is its right
            System.err.println("closing " + ctx.channel() + ": " + cause);
        }
        ctx.close();
    }
}
