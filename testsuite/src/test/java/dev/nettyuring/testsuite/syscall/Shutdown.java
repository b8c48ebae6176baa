// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;

/** A client says that it sends no more. */
final class Shutdown extends LoopScenario {
    private final byte[] bytes = random(1000);

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        await(client.writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes)));
        String arrived = await(sink.done);
        await(((DuplexChannel) client).shutdownOutput());
        return arrived;
    }
}
