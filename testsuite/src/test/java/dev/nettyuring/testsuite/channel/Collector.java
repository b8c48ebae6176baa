// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what a channel read, and what happened to it. */
class Collector extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Object> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch inactive = new CountDownLatch(1);

    byte[] bytes() {
        synchronized (bytes) {
            return bytes.toByteArray();
        }
    }

    int count() {
        synchronized (bytes) {
            return bytes.size();
        }
    }

    /** User events and exceptions. */
    List<Object> events() {
        return events;
    }

    boolean isInactive() {
        return inactive.getCount() == 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        ByteBuf buf = (ByteBuf) message;
        byte[] piece = new byte[buf.readableBytes()];
        buf.readBytes(piece);
        buf.release();
        synchronized (bytes) {
            bytes.writeBytes(piece);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        events.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        events.add(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inactive.countDown();
    }
}
