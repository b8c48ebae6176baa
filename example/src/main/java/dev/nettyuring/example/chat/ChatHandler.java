// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.chat;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.List;

/** One member: what he says, everybody hears, himself included. */
final class ChatHandler extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final int MAX_NAME_LENGTH = 30;

    private final ChatRoom room;
    private String name;

    ChatHandler(ChatRoom room) {
        this.room = room;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof HandshakeComplete handshake) {
            name = nameIn(handshake.requestUri());
            room.join(ctx.channel());
            room.tell(name + " is here");
        }
        ctx.fireUserEventTriggered(event);
    }

    private static String nameIn(String uri) {
        List<String> names = new QueryStringDecoder(uri).parameters().getOrDefault("name", List.of());
        String name = names.isEmpty() || names.get(0).isBlank()
                ? "Somebody"
                : names.get(0).trim();
        return name.substring(0, Math.min(name.length(), MAX_NAME_LENGTH));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (frame instanceof TextWebSocketFrame text) {
            room.tell(name + ": " + text.text());
        } else {
            close(ctx, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // who asks, or pings, and does not read the answers has to wait
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (name != null) {
            room.tell(name + " has left");
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            close(ctx, WebSocketCloseStatus.MESSAGE_TOO_BIG);
        } else {
            ctx.close();
        }
    }

    private static void close(ChannelHandlerContext ctx, WebSocketCloseStatus status) {
        ctx.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
    }
}
