// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Channels of datagrams on io_uring, on the loopback interface. */
final class Udp {
    private Udp() {}

    static EventLoopGroup loops() {
        return TransportInvariants.loops().uring();
    }

    /** Of one family; the loop is one of the test's. */
    static Bootstrap bootstrap(SocketProtocolFamily family, ChannelHandler handler) {
        return bootstrap(loops(), family, handler);
    }

    static Bootstrap bootstrap(EventLoopGroup loops, SocketProtocolFamily family, ChannelHandler handler) {
        return new Bootstrap()
                .group(loops)
                .channelFactory(() -> new UringDatagramChannel(family))
                .handler(handler);
    }

    static InetAddress loopback(SocketProtocolFamily family) {
        return family == SocketProtocolFamily.INET6 ? NetUtil.LOCALHOST6 : NetUtil.LOCALHOST4;
    }

    static UringDatagramChannel bind(Bootstrap bootstrap, InetAddress address) throws InterruptedException {
        return (UringDatagramChannel) bootstrap.bind(address, 0).sync().channel();
    }

    static UringDatagramChannel bind(SocketProtocolFamily family, ChannelHandler handler) throws InterruptedException {
        return bind(bootstrap(family, handler), loopback(family));
    }

    static UringDatagramChannel bind(ChannelHandler handler) throws InterruptedException {
        return bind(SocketProtocolFamily.INET, handler);
    }

    static DatagramPacket packet(byte[] bytes, InetSocketAddress to) {
        return new DatagramPacket(direct(bytes), to);
    }

    static ByteBuf direct(byte... bytes) {
        return Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }
}
