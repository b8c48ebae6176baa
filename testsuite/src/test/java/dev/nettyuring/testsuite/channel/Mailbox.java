// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringDatagramPacket;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps the datagrams that a channel read, and what happened to it. */
class Mailbox extends ChannelInboundHandlerAdapter {
    private static final int NONE = -1;

    private final List<Mail> mails = new CopyOnWriteArrayList<>();
    private final List<Object> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger completes = new AtomicInteger();

    /** A datagram; what it has not is -1. */
    record Mail(
            byte[] bytes, InetSocketAddress sender, InetSocketAddress recipient, int segmentSize, int trafficClass) {
        static Mail of(DatagramPacket packet) {
            boolean segmented = packet instanceof SegmentedDatagramPacket;
            boolean marked = packet instanceof UringDatagramPacket;
            return new Mail(
                    ByteBufUtil.getBytes(packet.content()),
                    packet.sender(),
                    packet.recipient(),
                    segmented ? ((SegmentedDatagramPacket) packet).segmentSize() : NONE,
                    marked ? ((UringDatagramPacket) packet).trafficClass() : NONE);
        }
    }

    List<Mail> mails() {
        return mails;
    }

    Mail mail(int index) {
        return mails.get(index);
    }

    int count() {
        return mails.size();
    }

    /** How many read loops were completed. */
    int completes() {
        return completes.get();
    }

    /** User events and exceptions. */
    List<Object> events() {
        return events;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            mails.add(Mail.of(packet));
        } finally {
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        completes.incrementAndGet();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        events.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        events.add(cause);
    }
}
