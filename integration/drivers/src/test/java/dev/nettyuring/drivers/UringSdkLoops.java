// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioEventLoopGroup;
import java.util.concurrent.Executor;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;

/** The sample of docs/integrations.md. */
@SuppressWarnings("deprecation") // the group that Netty 4.2 keeps for what was written for 4.1
// sample
class UringSdkLoops extends NioEventLoopGroup {
    private static final IoHandlerFactory URING = UringIoHandler.newFactory();

    UringSdkLoops(int count) {
        super(count);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory nio, Object... arguments) {
        return super.newChild(executor, URING, arguments);
    }

    static SdkAsyncHttpClient client(EventLoopGroup loops) {
        return NettyNioAsyncHttpClient.builder()
                .eventLoopGroup(SdkEventLoopGroup.create(loops, UringSocketChannel::new))
                .build();
    }
}
// end of the sample
