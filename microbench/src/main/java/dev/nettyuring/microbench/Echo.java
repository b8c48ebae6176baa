// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;

/** Sends back what it receives. */
@ChannelHandler.Sharable
final class Echo extends ChannelInboundHandlerAdapter implements Service {
    @Override
    public SocketAddress start(Setup setup) throws InterruptedException {
        return setup.listen(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        context.write(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
