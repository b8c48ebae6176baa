// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One HTTP/1.1 connection from an io_uring loop of its own, on which requests may be pipelined. */
final class UringHttpClient implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;
    private static final int MAX_BODY_BYTES = 64 << 20;

    private final UringLoops loops = new UringLoops(1, MAX_BODY_BYTES); // keeps a body until it is whole
    private final BlockingQueue<Response> responses = new LinkedBlockingQueue<>();
    private final Channel channel;

    /** A response that has arrived entirely. */
    record Response(int status, String connectionId, String connectionHeader, byte[] body) {}

    private UringHttpClient(InteropServer server) throws IOException {
        SslContext tls = server.security().forClient();
        channel = new Bootstrap()
                .group(loops.group())
                .channel(UringSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), "127.0.0.1", server.port()));
                        }
                        channel.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
                                .addLast(new Collector());
                    }
                })
                .connect("127.0.0.1", server.port())
                .syncUninterruptibly()
                .channel();
    }

    static UringHttpClient connect(InteropServer server) throws IOException {
        return new UringHttpClient(server);
    }

    static FullHttpRequest get(String path) {
        return request(HttpMethod.GET, path, new byte[0]);
    }

    static FullHttpRequest post(String path, byte[] body) {
        return request(HttpMethod.POST, path, body);
    }

    private static FullHttpRequest request(HttpMethod method, String path, byte[] body) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path, Unpooled.wrappedBuffer(body));
        request.headers().set(HttpHeaderNames.HOST, "127.0.0.1");
        HttpUtil.setContentLength(request, body.length);
        return request;
    }

    /** Writes all requests, then flushes them together. */
    void send(Iterable<FullHttpRequest> requests) {
        channel.eventLoop().execute(() -> {
            requests.forEach(channel::write);
            channel.flush();
        });
    }

    void send(FullHttpRequest request) {
        channel.writeAndFlush(request);
    }

    /** The next response. */
    Response next() throws InterruptedException {
        Response response = responses.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(response).as("a response within %d s", LIMIT_SECONDS).isNotNull();
        return response;
    }

    /** Waits for the connection's end; {@code false} if it does not come. */
    boolean awaitEnd() throws InterruptedException {
        return channel.closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        loops.close();
    }

    private final class Collector extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            responses.add(new Response(
                    response.status().code(),
                    response.headers().get(HttpService.CONNECTION_ID),
                    response.headers().get(HttpHeaderNames.CONNECTION, ""),
                    ByteBufUtil.getBytes(response.content())));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
