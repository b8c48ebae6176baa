// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.nio.charset.StandardCharsets;

/**
 * Answers every HTTP request with a body of one size, without parsing more than it must: the origin behind a {@link Relay}.
 * {@code BodyServer PORT BYTES}. It serves, by epoll, until it is killed.
 */
public final class BodyServer {
    private BodyServer() {}

    /** Starts the server on 127.0.0.1. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length != 2) {
            System.err.println("usage: BodyServer PORT BYTES");
            System.exit(2);
        }
        int bytes = Integer.parseInt(args[1]);
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n";
        ByteBuf response = Unpooled.directBuffer(head.length() + bytes);
        response.writeBytes(head.getBytes(StandardCharsets.US_ASCII)).writeZero(bytes);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, Transport.EPOLL.handlers());
        new ServerBootstrap()
                .group(group)
                .channel(Transport.EPOLL.serverChannel())
                .childHandler(new Answer(Unpooled.unreleasableBuffer(response)))
                .bind("127.0.0.1", Integer.parseInt(args[0]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    @ChannelHandler.Sharable
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private static final byte LAST_OF_A_REQUEST = '\n';
        private static final int BLANK_LINE = 4;

        private final ByteBuf response;

        Answer(ByteBuf response) {
            this.response = response;
        }

        /** A load generator's request is one piece, and ends with a blank line. */
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf request = (ByteBuf) message;
            int length = request.readableBytes();
            boolean complete = length >= BLANK_LINE && request.getByte(request.writerIndex() - 1) == LAST_OF_A_REQUEST;
            request.release();
            if (complete) {
                context.writeAndFlush(response.duplicate());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
