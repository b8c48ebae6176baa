// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** A program that sends more by zero copy than its peer, at the port it is given, reads, and ends as programs do. */
final class UnreadSend {
    /** More than the sockets' buffers take. */
    static final int BYTES = 16 << 20;
    /** What it prints before it ends. */
    static final String DONE = "the loop has ended";

    private static final int LIMIT_SECONDS = 20;
    private static final int POLL_MILLIS = 10;

    private UnreadSend() {}

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.nettyuring")).setLevel(Level.WARN);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        Channel channel = new Bootstrap()
                .group(group)
                .channel(UringSocketChannel.class)
                .option(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))
                .sync()
                .channel();
        channel.writeAndFlush(UringByteBufAllocator.DEFAULT.directBuffer(BYTES).writeBytes(TestBytes.random(BYTES)));
        while (!channel.eventLoop()
                .submit(() -> channel.unsafe().outboundBuffer().currentProgress() > 0)
                .get()) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        if (!group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the loop does not end");
        }
        System.out.println(DONE);
    }
}
