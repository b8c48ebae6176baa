// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.chat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Serves the one page there is; requests for web sockets do not come this far. */
final class PageHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final ByteBuf PAGE = Unpooled.unreleasableBuffer(
            Unpooled.wrappedBuffer(read("chat.html")).asReadOnly());

    private static byte[] read(String resource) {
        try (InputStream in = PageHandler.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        FullHttpResponse response;
        if (request.decoderResult().isFailure() || !request.method().equals(HttpMethod.GET)) {
            response = response(HttpResponseStatus.BAD_REQUEST, Unpooled.EMPTY_BUFFER);
        } else if (!new QueryStringDecoder(request.uri()).rawPath().equals("/")) {
            response = response(HttpResponseStatus.NOT_FOUND, Unpooled.EMPTY_BUFFER);
        } else {
            response = response(HttpResponseStatus.OK, PAGE.duplicate());
        }
        boolean keepAlive =
                HttpUtil.isKeepAlive(request) && !request.decoderResult().isFailure();
        HttpUtil.setKeepAlive(response, keepAlive);
        ctx.writeAndFlush(response)
                .addListener(keepAlive ? ChannelFutureListener.CLOSE_ON_FAILURE : ChannelFutureListener.CLOSE);
    }

    private static FullHttpResponse response(HttpResponseStatus status, ByteBuf content) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        return response;
    }
}
