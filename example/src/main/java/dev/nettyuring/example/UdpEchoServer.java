// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;

/** Sends datagrams back to where they came from: {@code UdpEchoServer [PORT]}, then {@code nc -u}. */
public final class UdpEchoServer {
    private static final int DEFAULT_PORT = 7000;

    private UdpEchoServer() {}

    /**
     * Receives on 127.0.0.1.
     *
     * @param port 0 for any free one
     */
    public static RunningServer start(int port) throws IOException, InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        Bootstrap bootstrap =
                new Bootstrap().group(group).channel(UringDatagramChannel.class).handler(new Echo());
        return RunningServer.of(group, bootstrap.bind("127.0.0.1", port));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        RunningServer server = start(Arguments.port(args, 0, DEFAULT_PORT));
        server.endWithProcess("echo of datagrams on 127.0.0.1:" + server.port());
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
