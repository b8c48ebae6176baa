// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/**
 * The same relay, one event loop, on each transport: it passes on what it receives, in both directions, and stops reading
 * while the other side does not take it. {@code scripts/compare-relays} measures it:
 * {@code Relay uring|nio|epoll|netty-io_uring|uring-splice PORT TARGET_PORT}. It serves until it is killed.
 */
public final class Relay {
    private static final int BACKLOG = 1024;

    /** Ours, and below the pipelines. */
    private static final String SPLICE = "uring-splice";

    private Relay() {}

    /** Starts the relay on 127.0.0.1. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length != 3) {
            System.err.println("usage: Relay " + Transport.names() + '|' + SPLICE + " PORT TARGET_PORT");
            System.exit(2);
        }
        boolean splices = args[0].equals(SPLICE);
        Transport transport = splices ? Transport.URING : Transport.named(args[0]);
        InetSocketAddress target = new InetSocketAddress(NetUtil.LOCALHOST4, Integer.parseInt(args[2]));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new Front(transport, target, splices))
                .bind("127.0.0.1", Integer.parseInt(args[1]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** A client's connection, which is not read before that to the target stands. */
    @ChannelHandler.Sharable
    private static final class Front extends ChannelInboundHandlerAdapter {
        private final Transport transport;
        private final InetSocketAddress target;
        private final boolean splices;

        Front(Transport transport, InetSocketAddress target, boolean splices) {
            this.transport = transport;
            this.target = target;
            this.splices = splices;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            Channel client = context.channel();
            new Bootstrap()
                    .group(client.eventLoop())
                    .channel(transport.channel())
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new Side(client))
                    .connect(target)
                    .addListener((ChannelFutureListener) connected -> {
                        if (connected.isSuccess() && splices) {
                            splice(client, connected.channel());
                            splice(connected.channel(), client);
                        } else if (connected.isSuccess()) {
                            client.pipeline().replace(this, "relay", new Side(connected.channel()));
                            client.config().setAutoRead(true);
                            connected.channel().config().setAutoRead(true);
                        } else {
                            client.close();
                        }
                    });
        }
    }

    private static void splice(Channel from, Channel to) {
        ((UringSocketChannel) from)
                .spliceTo((UringSocketChannel) to, Long.MAX_VALUE)
                .addListener(ended -> to.close());
    }

    /** One side: what it receives goes to the other. */
    private static final class Side extends ChannelInboundHandlerAdapter {
        private final Channel other;

        Side(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            other.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            other.flush();
            if (!other.isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            other.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
