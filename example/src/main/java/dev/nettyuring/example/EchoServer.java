// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;

/** Sends back what it receives, in the very memory it was received in: {@code java … EchoServer [port]}, then {@code nc}. */
public final class EchoServer {
    private EchoServer() {}

    public static void main(String[] args) throws InterruptedException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7000;
        Transport transport = Transports.best(); // io_uring, or what this machine has
        EventLoopGroup group = transport.newGroup();
        try {
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channel(transport.serverSocketChannel())
                    .childHandler(new Echo())
                    .bind("127.0.0.1", port)
                    .sync()
                    .channel();
            System.out.println("echo on " + server.localAddress() + ", " + transport);
            server.closeFuture().sync();
        } finally {
            group.shutdownGracefully();
        }
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
