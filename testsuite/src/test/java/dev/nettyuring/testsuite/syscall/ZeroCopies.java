// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** A buffer is sent by zero copy, from memory that is registered for it. */
final class ZeroCopies extends LoopScenario {
    private final byte[] bytes = random(200_000);

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        client.config().setOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS);
        ByteBuf buffer =
                UringByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
        try {
            await(((UringSocketChannel) client).writeFrom(buffer));
        } finally {
            buffer.release();
        }
        return await(sink.done);
    }
}
