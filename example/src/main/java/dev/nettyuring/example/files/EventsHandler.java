// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.files;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Server-Sent Events, numbered, for as long as the client listens; all other requests are passed on. */
final class EventsHandler extends ChannelInboundHandlerAdapter {
    private final String path;
    private final int tickMillis;
    private long lastId;
    private ScheduledFuture<?> ticks;

    EventsHandler(String path, int tickMillis) {
        this.path = path;
        this.tickMillis = tickMillis;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (ticks == null && message instanceof HttpRequest request && isForEvents(request)) {
            begin(ctx, request);
        }
        if (ticks == null) {
            ctx.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message); // nothing more is expected
    }

    private boolean isForEvents(HttpRequest request) {
        return request.decoderResult().isSuccess()
                && request.method().equals(HttpMethod.GET)
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1) // knows chunks
                && new QueryStringDecoder(request.uri()).rawPath().equals(path);
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        lastId = lastIdOf(request);
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        ctx.writeAndFlush(response);
        ticks = ctx.executor().scheduleAtFixedRate(() -> tick(ctx), 0, tickMillis, TimeUnit.MILLISECONDS);
    }

    /** A browser that lost the connection says which event was the last it got. */
    private static long lastIdOf(HttpRequest request) {
        try {
            return Long.parseLong(request.headers().get("last-event-id", "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private void tick(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) { // who does not keep up misses events
            String event = "id: " + ++lastId + "\nevent: tick\ndata: " + Instant.now() + "\n\n";
            ctx.writeAndFlush(new DefaultHttpContent(ByteBufUtil.writeUtf8(ctx.alloc(), event)));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ticks != null) {
            ticks.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
