// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A client and a server on one event loop: bodies of so many {@code bytes} are posted, one after another on each connection,
 * and piped back as they arrive.
 */
final class Piping implements Service {
    /** A piece of a body is what a read brought, whatever the transport: the codec is not to cut it up. */
    private static final int MAX_PIECE = 1 << 20;

    private static final double NANOS_A_SECOND = 1e9;
    private static final double NANOS_A_MICROSECOND = 1e3;

    private final List<PipingClient> clients = new ArrayList<>();
    private Setup setup;
    private SocketAddress server;

    @Override
    public SocketAddress start(Setup setup) throws InterruptedException {
        this.setup = setup;
        server = setup.listen(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec(pieces()), new Pipe());
            }
        });
        return server;
    }

    private static HttpDecoderConfig pieces() {
        return new HttpDecoderConfig().setMaxChunkSize(MAX_PIECE);
    }

    @Override
    public String run(int connections, double seconds) throws Exception {
        while (clients.size() < connections) {
            clients.add(connect());
        }
        Histogram latencies = new Histogram(3);
        long start = System.nanoTime();
        long end = start + (long) (seconds * NANOS_A_SECOND);
        List<Promise<Void>> runs = new ArrayList<>();
        for (PipingClient client : clients.subList(0, connections)) {
            Promise<Void> over = setup.group().next().newPromise();
            client.run(latencies, end, over);
            runs.add(over);
        }
        for (Promise<Void> over : runs) {
            over.sync();
        }
        return result(latencies, System.nanoTime() - start);
    }

    private PipingClient connect() throws InterruptedException {
        PipingClient client = new PipingClient(setup.number("bytes"));
        setup.client()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpClientCodec(pieces(), false, false), client);
                    }
                })
                .connect(server)
                .sync();
        return client;
    }

    private static String result(Histogram latencies, long tookNanos) {
        return String.format(
                "responses %d seconds %.6f p50_us %.3f p90_us %.3f p99_us %.3f p999_us %.3f",
                latencies.getTotalCount(),
                tookNanos / NANOS_A_SECOND,
                latencies.getValueAtPercentile(50) / NANOS_A_MICROSECOND,
                latencies.getValueAtPercentile(90) / NANOS_A_MICROSECOND,
                latencies.getValueAtPercentile(99) / NANOS_A_MICROSECOND,
                latencies.getValueAtPercentile(99.9) / NANOS_A_MICROSECOND);
    }

    /** The server: the body that arrives is the response's, and is not read faster than it can be written. */
    private static final class Pipe extends SimpleChannelInboundHandler<HttpObject> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpRequest request) {
                HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                response.headers()
                        .set(HttpHeaderNames.CONTENT_LENGTH, request.headers().get(HttpHeaderNames.CONTENT_LENGTH));
                context.write(response);
            }
            if (message instanceof LastHttpContent last) {
                context.write(last.retain());
            } else if (message instanceof HttpContent piece) {
                context.write(new DefaultHttpContent(piece.content().retain()));
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
            if (!context.channel().isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
