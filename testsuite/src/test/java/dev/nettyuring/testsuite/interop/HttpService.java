// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.stream.ChunkedFile;
import io.netty.handler.stream.ChunkedStream;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.Consumer;

/**
 * What clients ask for, over any version of HTTP:
 *
 * <ul>
 *   <li>{@code GET /bytes/N}: the payload of N bytes, of a known length, from one buffer
 *   <li>{@code GET /stream/N}: the same in chunks, of no known length
 *   <li>{@code GET /region?file=F&from=P&count=N} and {@code /file?…}: a file, as a region and read by Netty
 *   <li>{@code POST /digest}: the body's SHA-256
 *   <li>{@code POST /echo}: the body; {@code /throttled-echo}: without reading ahead of a client that does not read
 * </ul>
 */
final class HttpService extends SimpleChannelInboundHandler<HttpObject> {
    /** Response header: which connection the request came by. */
    static final String CONNECTION_ID = "x-connection-id";

    private static final int CHUNK_BYTES = 16 << 10;

    private final Consumer<Throwable> failures;
    private String path = "";
    private MessageDigest digest;

    HttpService(Consumer<Throwable> failures) {
        this.failures = failures;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (message.decoderResult().isFailure()) {
            failures.accept(message.decoderResult().cause());
            ctx.close();
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(ctx, request);
        }
        if (message instanceof HttpContent content) {
            body(ctx, content.content());
            if (content instanceof LastHttpContent) {
                end(ctx);
            }
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) throws IOException {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        path = uri.path();
        digest = Payload.newDigest();
        if (path.startsWith("/bytes/")) {
            sendBytes(ctx, Payload.bytes(trailingNumber(path)));
        } else if (path.startsWith("/stream/")) {
            ctx.write(streamedResponse(ctx));
            ctx.write(new HttpChunkedInput(
                    new ChunkedStream(new ByteArrayInputStream(Payload.bytes(trailingNumber(path))), CHUNK_BYTES)));
        } else if (path.equals("/region") || path.equals("/file")) {
            sendFile(ctx, uri);
        } else if (isEcho()) {
            ctx.writeAndFlush(streamedResponse(ctx));
        } else if (!path.equals("/digest")) {
            send(ctx, HttpResponseStatus.NOT_FOUND, path);
        }
    }

    private void body(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (isEcho()) {
            if (bytes.isReadable()) {
                ctx.writeAndFlush(new DefaultHttpContent(bytes.retain()));
            }
            throttle(ctx);
        } else {
            digest.update(bytes.nioBuffer());
        }
    }

    private void end(ChannelHandlerContext ctx) {
        if (isEcho()) {
            ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        } else if (path.equals("/digest")) {
            send(ctx, HttpResponseStatus.OK, Payload.hex(digest.digest()));
        }
    }

    private boolean isEcho() {
        return path.equals("/echo") || path.equals("/throttled-echo");
    }

    private void throttle(ChannelHandlerContext ctx) {
        if (path.equals("/throttled-echo")) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        throttle(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    private static int trailingNumber(String path) {
        return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    }

    private static void sendBytes(ChannelHandlerContext ctx, byte[] bytes) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(bytes));
        HttpUtil.setContentLength(response, bytes.length);
        ctx.write(withConnectionId(ctx, response));
    }

    private static void send(ChannelHandlerContext ctx, HttpResponseStatus status, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        HttpUtil.setContentLength(response, response.content().readableBytes());
        ctx.write(withConnectionId(ctx, response));
    }

    private static void sendFile(ChannelHandlerContext ctx, QueryStringDecoder uri) throws IOException {
        File file = new File(parameter(uri, "file"));
        long from = Long.parseLong(parameter(uri, "from"));
        long count = Long.parseLong(parameter(uri, "count"));
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        HttpUtil.setContentLength(response, count);
        ctx.write(withConnectionId(ctx, response));
        if (uri.path().equals("/region")) {
            ctx.write(new DefaultFileRegion(file, from, count));
            ctx.write(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            ctx.write(new HttpChunkedInput(new ChunkedFile(new RandomAccessFile(file, "r"), from, count, CHUNK_BYTES)));
        }
    }

    private static String parameter(QueryStringDecoder uri, String name) {
        return uri.parameters().get(name).get(0);
    }

    private static HttpResponse streamedResponse(ChannelHandlerContext ctx) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
        return withConnectionId(ctx, response);
    }

    private static <R extends HttpResponse> R withConnectionId(ChannelHandlerContext ctx, R response) {
        Channel channel = ctx.channel();
        boolean stream = channel instanceof Http2StreamChannel;
        response.headers()
                .set(CONNECTION_ID, (stream ? channel.parent() : channel).id().asShortText());
        return response;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failures.accept(cause);
        ctx.close();
    }
}
