// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Sends datagrams back to where they come from. With {@code joined=true} those that come together go back together, as one
 * packet of many segments, where the transport can write such.
 */
final class UdpEcho implements Service {
    @Override
    public SocketAddress start(Setup setup) throws InterruptedException {
        boolean joined = "true".equals(setup.options().get("joined"));
        boolean joins = joined && UdpSockets.sendsSegmented(setup.transport());
        return UdpSockets.bootstrap(setup, joined)
                .handler(joins ? new Joining() : new Single())
                .bind("127.0.0.1", 0)
                .sync()
                .channel()
                .localAddress();
    }

    private static class Single extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            context.write(new DatagramPacket(packet.content(), packet.sender()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            cause.printStackTrace();
            context.close();
        }
    }

    /** Puts together again what the transport has taken apart. */
    private static final class Joining extends Single {
        /** The kernel's (UDP_MAX_SEGMENTS). */
        private static final int MAX_SEGMENTS = 64;

        private static final int MAX_BYTES = 65_507;

        private CompositeByteBuf joined;
        private int segmentSize;
        private InetSocketAddress sender;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            ByteBuf content = packet.content();
            if (packet instanceof SegmentedDatagramPacket segmented) {
                writeJoined(context);
                context.write(new SegmentedDatagramPacket(content, segmented.segmentSize(), packet.sender()));
                return;
            }
            if (joined != null && !takes(content, packet.sender())) {
                writeJoined(context);
            }
            if (joined == null) {
                joined = context.alloc().compositeBuffer(MAX_SEGMENTS);
                segmentSize = content.readableBytes();
                sender = packet.sender();
            }
            joined.addComponent(true, content);
        }

        private boolean takes(ByteBuf content, InetSocketAddress from) {
            return content.readableBytes() == segmentSize
                    && from.equals(sender)
                    && joined.numComponents() < MAX_SEGMENTS
                    && joined.readableBytes() + segmentSize <= MAX_BYTES;
        }

        private void writeJoined(ChannelHandlerContext context) {
            if (joined == null) {
                return;
            }
            context.write(
                    joined.numComponents() == 1
                            ? new DatagramPacket(joined, sender)
                            : new SegmentedDatagramPacket(joined, segmentSize, sender));
            joined = null;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            writeJoined(context);
            context.flush();
        }
    }
}
