// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.UringStreamChannel;
import dev.nettyuring.testsuite.Pattern;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import java.net.SocketAddress;
import java.util.Random;

/** A stream to a server that sends it back, in one of several ways, checked as it comes. */
final class EchoSession extends Session {
    private static final int ABORTED_ONE_IN = 8;
    private static final int MOVED_ONE_IN = 16;
    private static final int READ_BYTES = 8192;
    private static final int MAX_SHIFT = 15;

    /** What it does. */
    enum Way {
        /** Sends a message and waits for it, before the next one. Between them it may move to another loop. */
        IN_TURNS,
        /** The same, and receives into a buffer of its own. */
        READ_INTO,
        /** Sends as much as the channel takes, shuts down its output and reads to the end. */
        STREAM,
        /** The same, from another thread. */
        STREAM_FROM_OUTSIDE
    }

    private final SocketAddress server;
    private final SslContext context;
    private final Way way;
    private final long first;
    private final long toSend;
    private final long abortAt;
    private long sent;
    private volatile long received;
    private boolean outputShutDown;

    EchoSession(Load load, Random random, EventLoopGroup group, SocketAddress server, SslContext context) {
        super(load, random, group);
        this.server = server;
        this.context = context;
        way = context == null ? Way.values()[random.nextInt(Way.values().length)] : Way.IN_TURNS;
        first = random.nextInt(Pattern.PERIOD);
        toSend = 1 + random.nextInt(1 << (6 + random.nextInt(random.nextInt(16) == 0 ? 15 : 11)));
        abortAt = random.nextInt(ABORTED_ONE_IN) == 0 ? random.nextInt((int) toSend) : Long.MAX_VALUE;
    }

    @Override
    void open() {
        boolean domain = server instanceof DomainSocketAddress;
        opening(new Bootstrap()
                .group(group)
                .channel(domain ? UringDomainSocketChannel.class : UringSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        channel = opened;
                        Load.configure(opened, random);
                        opened.config().setAutoRead(way != Way.READ_INTO);
                        if (context != null) {
                            opened.pipeline().addLast(context.newHandler(opened.alloc()));
                        }
                        opened.pipeline().addLast(EchoSession.this);
                    }
                })
                .connect(server));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        switch (way) {
            case STREAM:
                stream();
                break;
            case STREAM_FROM_OUTSIDE:
                load.writer.execute(this::stream);
                break;
            default:
                sendOne();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) {
            return;
        }
        if (way == Way.STREAM) {
            context.executor().execute(this::stream);
        } else if (way == Way.STREAM_FROM_OUTSIDE) {
            load.writer.execute(this::stream);
        }
    }

    private void stream() {
        while (sent < toSend && channel.isWritable() && channel.isActive() && !isAborted()) {
            channel.writeAndFlush(next());
        }
        if (sent >= abortAt) {
            abortConnection();
        } else if (sent == toSend && !outputShutDown) {
            outputShutDown = true;
            // what is not sent when the output is shut down is never sent
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(allSent -> ((DuplexChannel) channel).shutdownOutput());
        }
    }

    private void sendOne() {
        if (sent >= abortAt) {
            abortConnection();
        } else if (sent == toSend) {
            complete();
            channel.close();
        } else {
            channel.writeAndFlush(next());
            if (way == Way.READ_INTO) {
                readInto();
            }
        }
    }

    /** Closes; with a reset of the connection, or without. */
    private void abortConnection() {
        abort();
        if (channel instanceof UringSocketChannel && random.nextBoolean()) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException closed) {
                // with its loop, just now
            }
        }
        channel.close();
    }

    /** The next bytes, in memory of one kind or another. */
    private Object next() {
        int length = (int) Math.min(toSend - sent, 1 + random.nextInt(1 << random.nextInt(MAX_SHIFT)));
        long offset = first + sent;
        sent += length;
        switch (random.nextInt(context == null ? 5 : 4)) {
            case 0:
                return Pattern.fill(channel.alloc().heapBuffer(length), offset, length);
            case 1:
                int half = length / 2;
                ByteBuf one = Pattern.fill(channel.alloc().directBuffer(Math.max(1, half)), offset, half);
                ByteBuf other = Pattern.fill(channel.alloc().heapBuffer(length), offset + half, length - half);
                return channel.alloc().compositeBuffer().addComponents(true, one, other);
            case 4:
                return new DefaultFileRegion(load.file.toFile(), Pattern.position(offset), length);
            default:
                return Pattern.fill(channel.alloc().directBuffer(length), offset, length);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf piece = (ByteBuf) message;
        check(piece);
        piece.release();
        if (way == Way.IN_TURNS && received == sent) {
            turn();
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one loop at a time
    private void check(ByteBuf piece) {
        int length = piece.readableBytes();
        if (!Pattern.matches(piece, first + received)) {
            load.fault("wrong bytes from " + received + ", " + length + " of them: " + this);
        }
        load.checks.increment();
        received += length;
    }

    /** A message is back. */
    private void turn() {
        if (context == null && group == load.loops && sent < toSend && random.nextInt(MOVED_ONE_IN) == 0) {
            load.move(channel, this::sendOne);
        } else {
            sendOne();
        }
    }

    private void readInto() {
        ByteBuf buffer = channel.alloc().directBuffer(READ_BYTES);
        ((UringStreamChannel) channel).readInto(buffer).addListener(read -> {
            if (read.isSuccess() && buffer.isReadable()) {
                check(buffer);
            } else if (!isAborted()) {
                failed(read.cause());
            }
            buffer.release();
            if (!read.isSuccess() || isAborted()) {
                return;
            }
            if (received < sent) {
                readInto();
            } else {
                turn();
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            if (received == toSend) {
                complete();
            }
            channel.close();
        }
    }

    @Override
    public String toString() {
        return super.toString() + ", " + way + (context == null ? "" : " TLS") + " to " + server + ": to send " + toSend
                + ", sent " + sent + ", received " + received
                + (outputShutDown ? ", output shut down" : "");
    }
}
