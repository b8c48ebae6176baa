// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** Posts a body, takes the whole response in, and posts the next. All state is the event loop's. */
final class PipingClient extends SimpleChannelInboundHandler<HttpObject> {
    private final int bytes;
    private ChannelHandlerContext context;
    private ByteBuf body;
    private Histogram latencies;
    private long endNanos;
    private Promise<Void> over;
    private long startedNanos;
    private long received;

    PipingClient(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        body = context.alloc().directBuffer(bytes, bytes).writeZero(bytes);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        body.release();
    }

    /** Posts until {@code endNanos}, then completes {@code over}. Any thread; one run at a time. */
    void run(Histogram latencies, long endNanos, Promise<Void> over) {
        context.executor().execute(() -> {
            this.latencies = latencies;
            this.endNanos = endNanos;
            this.over = over;
            post();
        });
    }

    private void post() {
        startedNanos = System.nanoTime();
        received = 0;
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", body.retainedDuplicate());
        request.headers().set(HttpHeaderNames.HOST, "localhost").setInt(HttpHeaderNames.CONTENT_LENGTH, bytes);
        context.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess()) {
                over.tryFailure(written.cause());
            }
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpResponse response && response.status().code() != 200) {
            over.tryFailure(new IOException(response.status().toString()));
        }
        if (message instanceof HttpContent piece) {
            received += piece.content().readableBytes();
        }
        if (message instanceof LastHttpContent) {
            answered();
        }
    }

    private void answered() {
        long now = System.nanoTime();
        if (received != bytes) {
            over.tryFailure(new IOException(received + " bytes came back of " + bytes));
            return;
        }
        latencies.recordValue(now - startedNanos);
        if (now - endNanos < 0) {
            post();
        } else {
            over.trySuccess(null);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (over != null) {
            over.tryFailure(new IOException("closed"));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (over != null) {
            over.tryFailure(cause);
        }
        context.close();
    }
}
