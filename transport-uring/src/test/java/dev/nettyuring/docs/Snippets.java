// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import dev.nettyuring.channel.UringBufferExhausted;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;

/** The code in the manuals, from {@code // snippet: NAME} to {@code // end}. {@link SnippetsTest} compares, and runs it. */
final class Snippets {
    private Snippets() {}

    static ServerBootstrap twoLines(ChannelHandler handler) {
        // snippet: two-lines
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory()); // was NioIoHandler.newFactory()

        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class) // was NioServerSocketChannel.class
                .childHandler(handler);
        // end
        return bootstrap;
    }

    static Bootstrap client(EventLoopGroup group, ChannelHandler handler) {
        // snippet: client
        Bootstrap client =
                new Bootstrap().group(group).channel(UringSocketChannel.class).handler(handler);
        // end
        return client;
    }

    static ServerBootstrap best(ChannelHandler handler) {
        // snippet: best
        Transport transport = Transports.best();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(transport.newGroup())
                .channel(transport.serverSocketChannel())
                .childHandler(handler);
        // end
        return bootstrap;
    }

    /** Compiled only: Netty's native library is not there. */
    static IoUringIoHandlerConfig nettysConfiguration() {
        // snippet: nettys-config
        IoUringIoHandlerConfig before = new IoUringIoHandlerConfig()
                .setRingSize(1024)
                .setCqSize(8192)
                .setMaxBoundedWorker(8)
                .setBufferRingConfig(IoUringBufferRingConfig.builder()
                        .bufferGroupId((short) 1)
                        .bufferRingSize((short) 16)
                        .allocator(new IoUringFixedBufferRingAllocator(128 << 10))
                        .build());
        // end
        return before;
    }

    static EventLoopGroup configuration() {
        // snippet: our-config
        UringConfig config = UringConfig.builder()
                .submissionEntries(1024)
                .completionEntries(8192)
                .fileWorkers(8)
                .receiveBufferSize(128 << 10) // leave these two out, unless measurements say otherwise
                .receiveBuffers(16)
                .build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory(config));
        // end
        return group;
    }

    static ServerBootstrap options(ServerBootstrap bootstrap) {
        // snippet: options
        bootstrap
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(
                        ChannelOption.TCP_NODELAY, true) // was NioChannelOption.of(StandardSocketOptions.TCP_NODELAY)
                .childOption(UringChannelOption.TCP_KEEPIDLE, 60) // EpollChannelOption.TCP_KEEPIDLE may stay as it is
                .childOption(UringChannelOption.ZERO_COPY, ZeroCopy.AUTO)
                .childOption(ChannelOption.ALLOCATOR, UringByteBufAllocator.DEFAULT);
        // end
        return bootstrap;
    }

    // snippet: exhausted
    /** Keeps what it gets, for later, and lets go of the oldest when the event loop runs out of receive memory. */
    static final class Keeper extends ChannelInboundHandlerAdapter {
        private final Deque<ByteBuf> kept = new ArrayDeque<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            kept.addLast((ByteBuf) message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof UringBufferExhausted) {
                while (!kept.isEmpty()) {
                    kept.pollFirst().release();
                }
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            kept.forEach(ByteBuf::release);
            kept.clear();
            ctx.fireChannelInactive();
        }
    }
    // end

    static ByteBuf keepCopy(ChannelHandlerContext ctx, ByteBuf received) {
        // snippet: copy
        ByteBuf kept = ctx.alloc().buffer(received.readableBytes()).writeBytes(received);
        received.release(); // from now on the receive buffer can be used again
        // end
        return kept;
    }

    static void ownBuffers(UringSocketChannel channel) {
        // snippet: own-buffers
        channel.config().setAutoRead(false);
        ByteBuf mine = UringByteBufAllocator.DEFAULT.directBuffer(1 << 20);
        channel.readInto(mine).addListener((Future<ByteBuf> read) -> {
            if (!read.isSuccess() || !mine.isReadable()) { // it failed, or the stream has ended
                mine.release();
                channel.close();
                return;
            }
            channel.writeFrom(mine).addListener(written -> {
                mine.release(); // nobody reads it any more, neither a handler nor the kernel
                channel.close();
            });
        });
        // end
    }

    static void print(EventLoopGroup group) {
        // snippet: metrics
        for (EventExecutor loop : group) {
            UringMetrics metrics = UringMetrics.of(loop);
            System.out.printf(
                    "%s: %,d bytes of receive memory, %d of the buffers with handlers; found empty %d times, exhausted %d times%n",
                    loop,
                    metrics.receiveMemory(),
                    metrics.receiveBuffers(BufferState.PIPELINE),
                    metrics.emptyBufferRings(),
                    metrics.bufferExhaustions());
        }
        // end
    }
}
