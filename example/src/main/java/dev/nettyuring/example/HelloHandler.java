// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import static io.netty.handler.codec.http.HttpHeaderNames.ALLOW;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_TYPE;
import static io.netty.handler.codec.http.HttpHeaderNames.HOST;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers the requests of one connection, in their order; pipelined ones share a flush. */
final class HelloHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final ByteBuf HELLO = Unpooled.unreleasableBuffer(Unpooled.directBuffer()
            .writeBytes("Hello from io_uring\n".getBytes(StandardCharsets.UTF_8))
            .asReadOnly());

    private final ServerStatistics statistics;
    /** The last response is written: what the client sends now is not answered. */
    private boolean closing;

    HelloHandler(ServerStatistics statistics) {
        this.statistics = statistics;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (closing) {
            return;
        }
        if (message.decoderResult().isFailure()) {
            respond(ctx, text(HttpResponseStatus.BAD_REQUEST), HttpVersion.HTTP_1_1, false);
        } else if (message instanceof HttpRequest request) { // its content, if it has any, is of no interest
            // a client that waits for 100 (Continue) may or may not send its content after another answer
            boolean keepAlive = HttpUtil.isKeepAlive(request) && !HttpUtil.is100ContinueExpected(request);
            respond(ctx, answer(request), request.protocolVersion(), keepAlive);
        }
    }

    private FullHttpResponse answer(HttpRequest request) {
        if (request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !request.headers().contains(HOST)) {
            return text(HttpResponseStatus.BAD_REQUEST);
        }
        String path = new QueryStringDecoder(request.uri()).path();
        if (!path.equals("/") && !path.equals("/stats")) {
            return text(HttpResponseStatus.NOT_FOUND);
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            FullHttpResponse response = text(HttpResponseStatus.METHOD_NOT_ALLOWED);
            response.headers().set(ALLOW, "GET, HEAD");
            return response;
        }
        return path.equals("/")
                ? response(HttpResponseStatus.OK, TEXT, HELLO.duplicate())
                : response(HttpResponseStatus.OK, JSON, utf8(statistics.json()));
    }

    private void respond(ChannelHandlerContext ctx, FullHttpResponse response, HttpVersion version, boolean keepAlive) {
        statistics.requestAnswered();
        HttpUtil.setKeepAlive(response.headers(), version, keepAlive);
        if (keepAlive) {
            ctx.write(response, ctx.voidPromise());
        } else {
            closing = true;
            ctx.write(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse text(HttpResponseStatus status) {
        return response(status, TEXT, utf8(status + "\n"));
    }

    private static FullHttpResponse response(HttpResponseStatus status, String contentType, ByteBuf content) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        response.headers().set(CONTENT_TYPE, contentType).setInt(CONTENT_LENGTH, content.readableBytes());
        return response;
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // a client that sends requests and does not read the responses has to wait
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // else the client is gone, which is its right
            System.err.println("closing " + ctx.channel() + ": " + cause);
        }
        ctx.close();
    }
}
