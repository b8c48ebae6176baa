// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;

/** Sends datagrams back to where they came from: {@code java … UdpEchoServer [port]}, then {@code nc -u}. */
public final class UdpEchoServer {
    private UdpEchoServer() {}

    public static void main(String[] args) throws InterruptedException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7000;
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        try {
            Channel server = new Bootstrap()
                    .group(group)
                    .channel(UringDatagramChannel.class)
                    .handler(new Echo())
                    .bind("127.0.0.1", port)
                    .sync()
                    .channel();
            System.out.println("echo of datagrams on " + server.localAddress());
            server.closeFuture().sync();
        } finally {
            group.shutdownGracefully();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            ctx.write(new DatagramPacket(packet.content(), packet.sender()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }
}
