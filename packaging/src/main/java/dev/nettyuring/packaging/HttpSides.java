// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import dev.nettyuring.channel.UringDomainSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** The two sides of an exchange by HTTP. */
final class HttpSides {
    private static final int MAX_BODY_BYTES = 1 << 20;

    private HttpSides() {}

    /** Answers each request with a file, which goes out as a {@link DefaultFileRegion}. */
    static void serve(ChannelPipeline pipeline, Path file) {
        pipeline.addLast(new HttpServerCodec(), new SimpleChannelInboundHandler<HttpRequest>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, HttpRequest request) throws IOException {
                checkPeer(context.channel());
                long length = file.toFile().length();
                HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                HttpUtil.setContentLength(head, length);
                context.write(head);
                context.write(new DefaultFileRegion(file.toFile(), 0, length));
                context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
                        .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            }
        });
    }

    private static void checkPeer(Channel channel) throws IOException {
        if (channel instanceof UringDomainSocketChannel domain) {
            long pid = domain.peerCredentials().pid();
            if (pid != ProcessHandle.current().pid()) {
                throw new IOException("the peer has process ID " + pid);
            }
        }
    }

    /** Asks, once connected, and completes the future with the answer's body. */
    static void ask(ChannelPipeline pipeline, CompletableFuture<String> answer) {
        pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(MAX_BODY_BYTES));
        pipeline.addLast(new SimpleChannelInboundHandler<FullHttpResponse>() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                context.writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
            }

            @Override
            protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
                answer.complete(response.content().toString(StandardCharsets.UTF_8));
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                answer.completeExceptionally(cause);
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                answer.completeExceptionally(new IOException("closed without an answer"));
            }
        });
    }
}
