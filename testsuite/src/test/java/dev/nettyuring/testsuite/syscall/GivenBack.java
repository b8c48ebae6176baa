// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.ring.FixedBuffers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** What is sent by zero copy lies in a slab that is unmapped afterwards, by the loop's thread, and registered no longer. */
final class GivenBack extends LoopScenario {
    private static final int LIMIT = 4 << 20;

    private final byte[] bytes = random(LIMIT / 2);
    /** So small that it keeps no slab of that size. */
    private final UringByteBufAllocator allocator =
            UringByteBufAllocator.builder().memoryLimit(LIMIT).build();

    private boolean again;

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        client.config().setOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS);
        ByteBuf buffer = allocator.directBuffer(bytes.length).writeBytes(bytes);
        try {
            await(((UringSocketChannel) client).writeFrom(buffer));
        } finally {
            await(loop().submit(() -> buffer.release()));
        }
        String arrived = await(sink.done);
        if (again && FixedBuffers.sharedBytes() != 0) {
            throw new IllegalStateException("LEFT: " + FixedBuffers.sharedBytes() + " bytes registered");
        }
        again = true;
        return arrived + ", " + FixedBuffers.sharedBytes() + " bytes registered";
    }
}
