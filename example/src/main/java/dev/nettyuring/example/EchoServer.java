// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;

/**
 * Sends back what it receives, in the very memory it was received in: {@code EchoServer [PORT]}, then {@code nc}. Unlike the
 * other examples it runs on any machine: on io_uring, or what there is.
 */
public final class EchoServer {
    private static final int DEFAULT_PORT = 7000;

    private EchoServer() {}

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     */
    public static RunningServer start(int port) throws IOException, InterruptedException {
        Transport transport = Transports.best(); // io_uring, else epoll, else NIO
        EventLoopGroup group = transport.newGroup();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocketChannel())
                .childHandler(new Echo());
        return RunningServer.of(group, bootstrap.bind("127.0.0.1", port));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        RunningServer server = start(Arguments.port(args, 0, DEFAULT_PORT));
        server.endWithProcess("echo on 127.0.0.1:" + server.port() + " over " + Transports.best());
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.write(message, ctx.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            // a peer that does not read what it gets back is not read from either
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
