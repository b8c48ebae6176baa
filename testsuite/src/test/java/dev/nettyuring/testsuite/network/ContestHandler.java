// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.concurrent.Future;
import java.io.File;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The server's side of a {@link Contest}: does what a connection's first byte asks for, and counts. The loop's alone, as all
 * handlers here.
 */
@ChannelHandler.Sharable
final class ContestHandler extends ChannelInboundHandlerAdapter {
    /** What those send whose bytes come back. */
    static final byte MODEST = (byte) Greed.Kind.values().length;

    private static final int REQUEST = 64;
    private static final ByteBuf ANSWER = zeros(REQUEST);
    private static final ByteBuf PIECE = zeros(32 << 10);
    private static final long SPLICED_PIECE = 64 << 10;

    private final File file;
    private final AtomicLong datagrams = new AtomicLong();
    private UringSocketChannel spliced;
    private UringSocketChannel outlet;
    private long served;
    private int awaited;

    /** @param file what is downloaded */
    ContestHandler(File file) {
        this.file = file;
    }

    private static ByteBuf zeros(int bytes) {
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(bytes).writeZero(bytes).asReadOnly());
    }

    /** Counts from now on until so many bytes of the others have gone back. */
    void begin(int bytes) {
        awaited = bytes;
        served = 0;
    }

    /** How many bytes the greedy one was served in that time. */
    long served() {
        return served;
    }

    /** Takes datagrams, and counts them. */
    ChannelHandler datagramSink() {
        return new SimpleChannelInboundHandler<DatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
                datagrams.incrementAndGet();
                serve(packet.content().readableBytes());
            }
        };
    }

    /** How many datagrams came. Any thread. */
    long datagrams() {
        return datagrams.get();
    }

    private void serve(long bytes) {
        if (awaited > 0) {
            served += bytes;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        byte first = bytes.getByte(bytes.readerIndex());
        if (first == MODEST) {
            context.writeAndFlush(bytes);
            awaited--;
            return;
        }
        bytes.skipBytes(1);
        begin(Greed.Kind.values()[first], context);
        if (context.isRemoved()) {
            context.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
    }

    private void begin(Greed.Kind kind, ChannelHandlerContext context) {
        switch (kind) {
            case SEND:
                context.pipeline().replace(this, "sink", new Sink());
                break;
            case PIPELINE:
                context.pipeline().addLast(new FixedLengthFrameDecoder(REQUEST), new Answerer());
                context.pipeline().remove(this);
                break;
            case DOWNLOAD:
                sendFile(context.channel());
                break;
            case RECEIVE:
                context.pipeline().replace(this, "source", new Source());
                break;
            case SPLICE:
                spliced = (UringSocketChannel) context.channel();
                spliced.config().setAutoRead(false);
                splice();
                break;
            default:
                outlet = (UringSocketChannel) context.channel();
                splice();
        }
    }

    private void splice() {
        if (spliced != null && outlet != null) {
            spliced.spliceTo(outlet, SPLICED_PIECE).addListener((Future<? super Object> piece) -> {
                if (piece.isSuccess()) {
                    serve(SPLICED_PIECE);
                    splice();
                }
            });
        }
    }

    private void sendFile(Channel channel) {
        channel.writeAndFlush(new DefaultFileRegion(file, 0, file.length()), channel.newProgressivePromise())
                .addListener(new ChannelProgressiveFutureListener() {
                    private long counted;

                    @Override
                    public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
                        serve(progress - counted);
                        counted = progress;
                    }

                    @Override
                    public void operationComplete(ChannelProgressiveFuture future) {
                        if (future.isSuccess()) {
                            sendFile(channel);
                        }
                    }
                });
    }

    /** Sends while the channel is writable. */
    private final class Source extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            fill(context);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            fill(context);
        }

        private void fill(ChannelHandlerContext context) {
            while (context.channel().isWritable()) {
                context.write(PIECE.duplicate()).addListener(written -> serve(PIECE.capacity()));
            }
            context.flush();
        }
    }

    private final class Sink extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
            serve(bytes.readableBytes());
        }
    }

    /** An answer to each request; while the peer does not read them, nothing is read of it. */
    private final class Answerer extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf request) {
            serve(REQUEST);
            context.write(ANSWER.duplicate());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
    }
}
