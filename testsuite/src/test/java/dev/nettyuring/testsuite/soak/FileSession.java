// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.Pattern;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.SocketAddress;
import java.util.Random;

/** Asks for stretches of the file, one after another, on a connection that is kept alive; leaves in the middle at times. */
final class FileSession extends Session {
    private static final int MAX_REQUESTS = 16;
    private static final int ABORTED_ONE_IN = 8;

    private final SocketAddress server;
    private int requests;
    private final boolean aborts;
    private int position;
    private int length;
    private int received;

    FileSession(Load load, Random random, EventLoopGroup group, SocketAddress server) {
        super(load, random, group);
        this.server = server;
        requests = 1 + random.nextInt(MAX_REQUESTS);
        aborts = random.nextInt(ABORTED_ONE_IN) == 0;
    }

    @Override
    void open() {
        opening(new Bootstrap()
                .group(group)
                .channel(UringSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        channel = opened;
                        Load.configure(opened, random);
                        opened.pipeline().addLast(FileSession.this);
                    }
                })
                .connect(server));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ask();
    }

    private void ask() {
        position = random.nextInt(Pattern.PERIOD);
        length = 1 + random.nextInt(Pattern.PERIOD);
        received = 0;
        ByteBuf request = channel.alloc().directBuffer(FileHandler.REQUEST_BYTES);
        channel.writeAndFlush(request.writeInt(position).writeInt(length));
        if (aborts && requests == 1) {
            abort();
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf piece = (ByteBuf) message;
        int arrived = piece.readableBytes();
        if (received + arrived > length || !Pattern.matches(piece, position + received)) {
            load.fault("wrong bytes from " + received + ", " + arrived + " of them: " + this);
        }
        load.checks.increment();
        piece.release();
        received += arrived;
        if (received < length || isAborted()) {
            return;
        }
        if (--requests == 0) {
            complete();
            channel.close();
        } else {
            ask();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            channel.close();
        }
    }

    @Override
    public String toString() {
        return super.toString() + ": " + requests + " requests to go, " + received + " of " + length + " from "
                + position;
    }
}
