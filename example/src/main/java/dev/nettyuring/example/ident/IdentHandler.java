// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Answers one connection's queries, each a line, in their order. Lookups may block, and so are for other threads. */
final class IdentHandler extends SimpleChannelInboundHandler<ByteBuf> {
    private static final int MAX_WAITING = 100;

    private final ConnectionLookup lookup;
    private final Executor lookups;
    private final Queue<IdentQuery> waiting = new ArrayDeque<>();
    private boolean lookingUp;
    /** No more queries: the connection is closed behind the last answer. */
    private boolean ending;

    IdentHandler(ConnectionLookup lookup, Executor lookups) {
        this.lookup = lookup;
        this.lookups = lookups;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
        ask(ctx, IdentQuery.parse(line.toString(StandardCharsets.US_ASCII)));
    }

    private void ask(ChannelHandlerContext ctx, IdentQuery query) {
        if (!ending) {
            waiting.add(query);
            next(ctx);
        }
    }

    private void next(ChannelHandlerContext ctx) {
        boolean keepsUp = ctx.channel().isWritable(); // a client that does not read its answers has to wait
        ctx.channel().config().setAutoRead(keepsUp && waiting.size() < MAX_WAITING);
        if (lookingUp) {
            return;
        }
        if (waiting.isEmpty() && ending) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (!waiting.isEmpty() && keepsUp) {
            IdentQuery query = waiting.remove();
            lookingUp = true;
            CompletableFuture.supplyAsync(() -> reply(ctx, query), lookups)
                    .thenAcceptAsync(reply -> answer(ctx, query, reply), ctx.executor());
        }
    }

    /** The client can ask about connections of its own machine only: their addresses are those of the one it asks by. */
    private IdentReply reply(ChannelHandlerContext ctx, IdentQuery query) {
        InetSocketAddress local = (InetSocketAddress) ctx.channel().localAddress();
        InetSocketAddress remote = (InetSocketAddress) ctx.channel().remoteAddress();
        if (!query.isValid()) {
            return IdentReply.INVALID_PORT;
        }
        try {
            return lookup.lookUp(
                    new InetSocketAddress(local.getAddress(), query.localPort()),
                    new InetSocketAddress(remote.getAddress(), query.remotePort()));
        } catch (IOException | RuntimeException e) {
            return IdentReply.UNKNOWN_ERROR;
        }
    }

    private void answer(ChannelHandlerContext ctx, IdentQuery query, IdentReply reply) {
        lookingUp = false;
        ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), query.answer(reply)));
        next(ctx);
    }

    private void end(ChannelHandlerContext ctx) {
        if (!ending) {
            ending = true;
            next(ctx);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        next(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof IdleStateEvent) {
            end(ctx);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            ask(ctx, new IdentQuery(0, 0)); // which is no pair of ports
            end(ctx);
        } else {
            ctx.close();
        }
    }
}
