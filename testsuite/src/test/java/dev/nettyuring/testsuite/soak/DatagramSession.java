// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.testsuite.Pattern;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Datagrams there and back, one at a time, each sent again if it does not come. */
final class DatagramSession extends Session {
    private static final int MAX_DATAGRAMS = 16;
    private static final int MAX_BYTES = 8000;
    private static final int PATIENCE_MILLIS = 500;
    private static final int MAX_ATTEMPTS = 60;

    private final InetSocketAddress server;
    private final int first = random.nextInt(Pattern.PERIOD);
    private int left = 1 + random.nextInt(MAX_DATAGRAMS);
    private int length;
    private int number;

    DatagramSession(Load load, Random random, EventLoopGroup group, SocketAddress server) {
        super(load, random, group);
        this.server = (InetSocketAddress) server;
    }

    @Override
    void open() {
        opening(new Bootstrap()
                .group(group)
                .channel(UringDatagramChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        channel = opened;
                        opened.pipeline().addLast(DatagramSession.this);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        next();
    }

    private void next() {
        number++;
        length = 1 + random.nextInt(MAX_BYTES);
        send(number, MAX_ATTEMPTS);
    }

    private void send(int which, int attempts) {
        if (which != number || !channel.isActive()) {
            return;
        }
        if (attempts == 0) {
            failed(new IllegalStateException("no answer"));
            return;
        }
        if (attempts < MAX_ATTEMPTS) {
            load.datagramsRepeated.increment();
        }
        ByteBuf payload = channel.alloc().directBuffer(Integer.BYTES + length).writeInt(number);
        channel.writeAndFlush(new DatagramPacket(Pattern.fill(payload, first + number, length), server));
        channel.eventLoop().schedule(() -> send(which, attempts - 1), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        ByteBuf payload = packet.content();
        int answered = payload.readInt();
        boolean whole = answered != number || payload.readableBytes() == length;
        if (!whole || !Pattern.matches(payload, first + answered)) {
            load.fault("wrong datagram: " + this);
        }
        load.checks.increment();
        packet.release();
        if (answered == number) {
            if (--left == 0) {
                complete();
                channel.close();
            } else {
                next();
            }
        }
    }

    @Override
    public String toString() {
        return super.toString() + ": datagram " + number + " of " + length + " bytes, " + left + " to go";
    }
}
