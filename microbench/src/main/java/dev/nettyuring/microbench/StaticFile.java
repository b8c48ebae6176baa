// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.SocketAddress;

/** Serves a file of so many {@code bytes}, which it opens for each request, as a {@link DefaultFileRegion}. */
final class StaticFile implements Service {
    @Override
    public SocketAddress start(Setup setup) throws IOException, InterruptedException {
        int bytes = setup.number("bytes");
        File file = File.createTempFile("bench", ".bin");
        file.deleteOnExit();
        try (RandomAccessFile content = new RandomAccessFile(file, "rw")) {
            content.write(new byte[bytes]);
        }
        return setup.listen(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec(), new Files(file, bytes));
            }
        });
    }

    private static final class Files extends SimpleChannelInboundHandler<HttpObject> {
        private final File file;
        private final int bytes;

        Files(File file, int bytes) {
            this.file = file;
            this.bytes = bytes;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpRequest) {
                HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, bytes);
                context.write(response);
                context.write(new DefaultFileRegion(file, 0, bytes));
                context.write(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
