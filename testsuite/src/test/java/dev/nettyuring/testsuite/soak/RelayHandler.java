// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;

/** Splices each connection to a server behind, and back; ends each way as it ends, and both if one fails. */
final class RelayHandler extends ChannelInboundHandlerAdapter {
    private final Load load;
    private final SocketAddress behind;
    private int waysOpen = 2;
    /** What came before the splice: a peer that has ended its output is read although auto-read is off, as with epoll. */
    private final Deque<Object> early = new ArrayDeque<>();

    private UringSocketChannel spliced;

    RelayHandler(Load load, SocketAddress behind) {
        this.load = load;
        this.behind = behind;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        UringSocketChannel front = (UringSocketChannel) context.channel();
        ChannelFuture connect = new Bootstrap()
                .group(front.eventLoop())
                .channel(UringSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(behind);
        UringSocketChannel back = (UringSocketChannel) connect.channel();
        load.track(back);
        closeTogether(front, back);
        connect.addListener(connected -> {
            if (connected.isSuccess()) {
                spliced = back;
                passOnEarly();
                splice(front, back);
                splice(back, front);
            } else {
                front.close();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        early.add(message);
        passOnEarly();
    }

    private void passOnEarly() {
        for (Object piece = spliced == null ? null : early.poll(); piece != null; piece = early.poll()) {
            spliced.write(piece);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        for (Object piece = early.poll(); piece != null; piece = early.poll()) {
            ReferenceCountUtil.release(piece);
        }
    }

    private static void closeTogether(Channel one, Channel other) {
        one.closeFuture().addListener(closed -> other.close());
        other.closeFuture().addListener(closed -> one.close());
    }

    private void splice(UringSocketChannel from, UringSocketChannel to) {
        from.spliceTo(to, Long.MAX_VALUE).addListener(future -> {
            if (future.isSuccess() && --waysOpen > 0) {
                to.shutdownOutput();
            } else {
                from.close();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
