// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;

/** Bytes go from one connection to another without passing through the program. */
final class Splices extends LoopScenario {
    private final byte[] bytes = random(1 << 20);

    private static final class Accepted extends ChannelInboundHandlerAdapter {
        final Promise<UringSocketChannel> channel = ImmediateEventExecutor.INSTANCE.newPromise();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel.setSuccess((UringSocketChannel) context.channel());
        }
    }

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Accepted source = new Accepted();
        Channel sender = connect(serve(() -> source), new ChannelInboundHandlerAdapter());
        UringSocketChannel target = (UringSocketChannel) connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        SpliceFuture spliced = await(source.channel).spliceTo(target, bytes.length);
        sender.writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
        await(spliced);
        return await(sink.done);
    }
}
