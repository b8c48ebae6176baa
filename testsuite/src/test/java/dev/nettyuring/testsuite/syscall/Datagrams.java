// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.ring.Feature;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Datagrams are flushed together, and each that was sent arrives; then one by a channel that is connected. */
final class Datagrams extends LoopScenario {
    private static final int MESSAGES = 10;

    private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    private final Queue<Throwable> told = new ConcurrentLinkedQueue<>();

    /** That the loop has lent to the kernel, before there was a datagram. */
    private int buffersBefore;

    private boolean again;

    private Channel bind(ChannelHandler handler) throws Exception {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop())
                .channel(UringDatagramChannel.class)
                .handler(handler);
        return open(() -> bootstrap.bind(InetAddress.getLoopbackAddress(), 0));
    }

    @Override
    String use() throws Exception {
        if (!again) {
            buffersBefore = metrics().receiveBuffers(BufferState.KERNEL);
        }
        Channel receiver = bind(new SimpleChannelInboundHandler<DatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
                received.add(packet.content().readInt());
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                told.add(cause);
            }
        });
        Channel sender = bind(new ChannelInboundHandlerAdapter());
        List<ChannelFuture> writes = await(loop().submit(() -> {
            List<ChannelFuture> futures = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                ByteBuf content = Unpooled.directBuffer(Integer.BYTES).writeInt(i);
                futures.add(sender.write(new DatagramPacket(content, (InetSocketAddress) receiver.localAddress())));
            }
            sender.flush();
            return futures;
        }));
        int failed = 0;
        Exception failure = null;
        for (int i = 0; i < MESSAGES; i++) {
            try {
                await(writes.get(i));
                expect(receiver, i);
            } catch (SocketException e) {
                failed++;
                failure = e;
            }
        }
        await(sender.connect(receiver.localAddress()));
        await(sender.writeAndFlush(Unpooled.directBuffer(Integer.BYTES).writeInt(MESSAGES)));
        expect(receiver, MESSAGES);
        if (again
                && Uring.features().contains(Feature.PBUF_RING)
                && metrics().receiveBuffers(BufferState.KERNEL) <= buffersBefore) {
            throw new IllegalStateException("LEFT: no provided buffers for datagrams");
        }
        again = true;
        if (failure != null) {
            throw new IllegalStateException(failed + " of " + MESSAGES, failure);
        }
        return "every datagram arrived";
    }

    private void expect(Channel receiver, int number) throws InterruptedException {
        Integer next = null;
        for (int i = 0; next == null && i < LIMIT_SECONDS && receiver.isOpen(); i++) {
            next = received.poll(1, TimeUnit.SECONDS);
        }
        if (!receiver.isOpen()) {
            throw new IllegalStateException("the receiver was closed", told.poll());
        }
        if (next == null || next != number) {
            throw new IllegalStateException("CORRUPT: " + next + " instead of " + number);
        }
    }
}
