// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** So much is sent that it is received by recv(2). */
final class Bulk extends LoopScenario {
    private static final int BYTES = 16 << 20;

    private final byte[] bytes = random(BYTES);

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        client.writeAndFlush(Unpooled.directBuffer(BYTES).writeBytes(bytes));
        return await(sink.done);
    }
}
