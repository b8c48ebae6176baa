// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Passes on what it receives, in both directions, to {@code target=PORT}, and stops reading while the other side does not
 * take it. It parses nothing. With {@code splice=true}, which only ours can, it does so below the pipelines.
 */
final class Relay implements Service {
    @Override
    public SocketAddress start(Setup setup) throws InterruptedException {
        InetSocketAddress target = new InetSocketAddress(NetUtil.LOCALHOST4, setup.number("target"));
        boolean splices = "true".equals(setup.options().get("splice"));
        return setup.listen(new Front(setup, target, splices), false);
    }

    /** A client's connection, which is not read before that to the target stands. */
    @ChannelHandler.Sharable
    private static final class Front extends ChannelInboundHandlerAdapter {
        private final Setup setup;
        private final InetSocketAddress target;
        private final boolean splices;

        Front(Setup setup, InetSocketAddress target, boolean splices) {
            this.setup = setup;
            this.target = target;
            this.splices = splices;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            Channel client = context.channel();
            setup.client()
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
