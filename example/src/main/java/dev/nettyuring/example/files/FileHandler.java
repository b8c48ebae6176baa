// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.files;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Optional;

/** Answers requests for files, one after the other: with the whole, a part, or that they have not changed. */
final class FileHandler extends SimpleChannelInboundHandler<HttpObject> {
    private final Path root;
    private HttpRequest request;

    FileHandler(Path root) {
        this.root = root;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message instanceof HttpRequest head) {
            request = head;
        }
        if (message.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST);
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (message instanceof LastHttpContent) {
            // the client's next request waits in the FlowControlHandler, so that none opens files by the thousand
            ctx.channel().config().setAutoRead(false);
            answer(ctx);
        }
    }

    private void answer(ChannelHandlerContext ctx) {
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (!head && !request.method().equals(HttpMethod.GET)) {
            refuse(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED, HttpHeaderNames.ALLOW, "GET, HEAD");
            return;
        }
        try {
            send(ctx, ServedFile.find(root, request.uri()), head);
        } catch (IllegalArgumentException e) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST);
        } catch (AccessDeniedException e) {
            refuse(ctx, HttpResponseStatus.FORBIDDEN);
        } catch (IOException e) {
            refuse(ctx, HttpResponseStatus.NOT_FOUND);
        }
    }

    private void send(ChannelHandlerContext ctx, ServedFile file, boolean head) throws IOException {
        ByteRange whole = ByteRange.whole(file.size());
        Optional<ByteRange> range = head ? Optional.of(whole) : file.rangeFor(request.headers());
        if (file.isKnownTo(request.headers())) {
            respond(ctx, file, HttpResponseStatus.NOT_MODIFIED, whole, false);
        } else if (range.isEmpty()) {
            HttpResponseStatus status = HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE;
            refuse(ctx, status, HttpHeaderNames.CONTENT_RANGE, "bytes */" + file.size());
        } else if (range.get().isPart()) {
            respond(ctx, file, HttpResponseStatus.PARTIAL_CONTENT, range.get(), true);
        } else {
            respond(ctx, file, HttpResponseStatus.OK, whole, !head);
        }
    }

    private static void respond(
            ChannelHandlerContext ctx, ServedFile file, HttpResponseStatus status, ByteRange range, boolean hasBody)
            throws IOException {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        file.describe(response.headers());
        response.headers()
                .set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES)
                .set(HttpHeaderNames.CONTENT_LENGTH, range.length());
        if (range.isPart()) {
            response.headers().set(HttpHeaderNames.CONTENT_RANGE, range.ofSize(file.size()));
        }
        FileChannel content = hasBody ? FileChannel.open(file.path()) : null;
        ctx.write(response);
        if (content != null) { // which the region closes
            ctx.write(new DefaultFileRegion(content, range.start(), range.length()))
                    .addListener(ChannelFutureListener.CLOSE_ON_FAILURE); // it has become shorter than was said
        }
        end(ctx, LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
        refuse(ctx, status, HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
    }

    private static void refuse(
            ChannelHandlerContext ctx, HttpResponseStatus status, CharSequence header, CharSequence value) {
        ByteBuf text = ByteBufUtil.writeUtf8(ctx.alloc(), status + "\n");
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, text);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
                .set(header, value);
        end(ctx, response);
    }

    /** Writes the end of a response, and when it is sent reads the next request. */
    private static void end(ChannelHandlerContext ctx, HttpObject last) {
        ctx.writeAndFlush(last).addListener(sent -> ctx.channel().config().setAutoRead(true));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
