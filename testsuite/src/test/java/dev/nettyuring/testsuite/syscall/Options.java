// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

/** Options are set and read, on the loop. */
final class Options extends LoopScenario {
    @Override
    String use() throws Exception {
        Channel client = connect(serve(ChannelInboundHandlerAdapter::new), new ChannelInboundHandlerAdapter());
        return await(loop().submit(() -> {
            client.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            return "keep-alive " + client.config().getOption(ChannelOption.SO_KEEPALIVE);
        }));
    }
}
