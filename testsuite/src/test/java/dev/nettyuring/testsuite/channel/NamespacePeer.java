// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringIoHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A program in another network namespace: it does what datagrams tell it, and prints its port once it listens. It ends with
 * its standard input.
 */
final class NamespacePeer {
    /** Joins the group and answers to what is sent to it. */
    static final String JOIN = "join";
    /** Sends the last part to the group and port of the first. */
    static final String SEND = "send";
    /** Sends back so many segments of such a length. */
    static final String SEGMENTS = "segments";
    /** Answers with the length of what it got. */
    static final String MEASURE = "measure";

    private NamespacePeer() {}

    static String command(Object... parts) {
        StringBuilder command = new StringBuilder();
        for (Object part : parts) {
            command.append(part).append(' ');
        }
        return command.toString();
    }

    /** With the name of its interface. */
    public static void main(String[] arguments) throws Exception {
        NetworkInterface network = NetworkInterface.getByName(arguments[0]);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        try {
            UringDatagramChannel channel = (UringDatagramChannel) new Bootstrap()
                    .group(group)
                    .channel(UringDatagramChannel.class)
                    .option(ChannelOption.IP_MULTICAST_IF, network)
                    .handler(new Peer(network))
                    .bind(0)
                    .sync()
                    .channel();
            System.out.println(channel.localAddress().getPort());
            while (System.in.read() >= 0) {
                // until the test is over
            }
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Peer extends SimpleChannelInboundHandler<DatagramPacket> {
        private final NetworkInterface network;

        Peer(NetworkInterface network) {
            this.network = network;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) throws Exception {
            UringDatagramChannel channel = (UringDatagramChannel) context.channel();
            int length = packet.content().readableBytes();
            String[] parts =
                    packet.content().toString(StandardCharsets.US_ASCII).split(" ", -1);
            switch (parts[0]) {
                case JOIN:
                    channel.joinGroup(new InetSocketAddress(InetAddress.getByName(parts[1]), 0), network)
                            .addListener(
                                    joined -> answer(context, packet.sender(), String.valueOf(joined.isSuccess())));
                    break;
                case SEND:
                    answer(
                            context,
                            new InetSocketAddress(InetAddress.getByName(parts[1]), Integer.parseInt(parts[2])),
                            parts[3]);
                    break;
                case SEGMENTS:
                    int size = Integer.parseInt(parts[2]);
                    context.writeAndFlush(new SegmentedDatagramPacket(
                            Unpooled.directBuffer().writeZero(Integer.parseInt(parts[1]) * size),
                            size,
                            packet.sender()));
                    break;
                default:
                    answer(context, packet.sender(), String.valueOf(length));
            }
        }

        private static void answer(ChannelHandlerContext context, InetSocketAddress to, String text) {
            context.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), to));
        }
    }
}
