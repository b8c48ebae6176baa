// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Random;

/** Sends back what comes: from its loop, moving to another at times, or from another thread. Then ends as its peer does. */
final class EchoHandler extends ChannelInboundHandlerAdapter {
    private static final int KEPT_ONE_IN = 32;
    private static final int MOVED_ONE_IN = 32;

    private final Load load;
    private final Random random;
    private final boolean fromOutside;
    private final boolean mayMove;
    private int pendingWrites;

    /** @param mayMove whether the channel's handlers, all of them, can do with another loop */
    EchoHandler(Load load, Random random, boolean mayMove) {
        this.load = load;
        this.random = random;
        fromOutside = random.nextInt(4) == 0;
        this.mayMove = mayMove && !fromOutside && random.nextInt(3) == 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf piece = (ByteBuf) message;
        load.bytes.add(piece.readableBytes());
        if (random.nextInt(KEPT_ONE_IN) == 0) {
            load.keep(piece.retainedDuplicate(), random);
        }
        write(context, piece);
        if (!context.channel().isWritable()) {
            context.channel().config().setAutoRead(false);
        }
    }

    private void write(ChannelHandlerContext context, ByteBuf piece) {
        if (fromOutside) {
            load.writer.execute(() -> context.channel().writeAndFlush(piece));
            return;
        }
        pendingWrites++;
        context.write(piece).addListener(written -> {
            if (--pendingWrites == 0 && mayMove && random.nextInt(MOVED_ONE_IN) == 0) {
                context.executor().execute(() -> moveIfAtRest(context));
            }
        });
    }

    private void moveIfAtRest(ChannelHandlerContext context) {
        if (pendingWrites == 0 && context.channel().isActive()) {
            load.move(context.channel(), () -> {});
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            if (fromOutside) {
                load.writer.execute(() -> end(context.channel()));
            } else {
                end(context.channel());
            }
        }
    }

    private static void end(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // the peer aborts connections; what it misses it tells
    }
}
