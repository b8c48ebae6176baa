// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Handlers may have an executor of their own. Once that takes no more tasks pipelines throw, but the event loop goes on. */
@ExtendWith(TransportInvariants.class)
class HandlerExecutorEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    /** Lets no messages through. */
    private static final class Consumer extends ChannelInboundHandlerAdapter {
        private volatile boolean consumed;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
            consumed = true;
        }
    }

    @Test
    void theOthersOfTheLoopGoOn() throws Exception {
        EventExecutor executor = new DefaultEventExecutor();
        Consumer consumer = new Consumer();
        ServerBootstrap bootstrap = new ServerBootstrap().group(Tcp.loops().next());
        try (Tcp tcp = Tcp.serve(bootstrap, Echo::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            try (Socket other = tcp.connect()) {
                Channel lame = tcp.accepted();
                lame.pipeline().addFirst(consumer);
                lame.pipeline().addLast(executor, new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelReadComplete(ChannelHandlerContext context) {
                        context.fireChannelReadComplete();
                    }
                });
                executor.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .sync();
                other.getOutputStream().write(1);
                await().atMost(LIMIT).until(() -> consumer.consumed);
                assertEchoes(client, 1);
            }
            assertEchoes(client, 2);
            assertThat(channel.eventLoop().isShuttingDown()).isFalse();
        }
    }

    private static void assertEchoes(Socket client, int content) throws Exception {
        client.getOutputStream().write(content);
        assertThat(client.getInputStream().read()).isEqualTo(content);
    }
}
