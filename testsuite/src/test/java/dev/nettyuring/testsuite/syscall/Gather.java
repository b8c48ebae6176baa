// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;

/** So many small buffers are flushed that sendmsg(2) is tried. */
final class Gather extends LoopScenario {
    private static final int BUFFERS = 64;
    private static final int BYTES = 100;

    private final byte[] bytes = random(BUFFERS * BYTES);

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        List<ChannelFuture> writes = await(loop().submit(() -> {
            List<ChannelFuture> futures = new ArrayList<>();
            for (int i = 0; i < BUFFERS; i++) {
                futures.add(client.write(Unpooled.directBuffer(BYTES).writeBytes(bytes, i * BYTES, BYTES)));
            }
            client.flush();
            return futures;
        }));
        for (ChannelFuture write : writes) {
            await(write);
        }
        return await(sink.done);
    }
}
