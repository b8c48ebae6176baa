// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.testsuite.fault.Workload.Connection;
import dev.nettyuring.testsuite.fault.Workload.Thrown;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** One end of a connection: sends in all ways, reads in all ways, and closes when both streams are over, or before. */
final class Endpoint extends ChannelInboundHandlerAdapter {
    private static final int HEADER = Integer.BYTES;
    private static final int MAX_MICROS = 4000;
    /** One in so many reads is a reason to move. */
    private static final int MOVES = 20;

    private final Workload workload;
    private final Random random;
    private final boolean writesFromOutside;
    private final long toSend;
    private Connection connection;
    private Direction out;
    private Direction in;
    private Channel channel;
    private boolean started;
    private boolean headerRead;
    /** The channel is between two loops, where nobody else may do anything to it. */
    private volatile boolean moving;

    volatile Throwable failure;
    /** It was closed before its end. */
    volatile boolean early;

    Endpoint(Workload workload, Connection connection, Random random) {
        this.workload = workload;
        this.random = random;
        writesFromOutside = random.nextBoolean();
        toSend = random.nextInt(8) == 0 ? random.nextInt(2 << 20) : random.nextInt(1 << random.nextInt(18));
        if (connection != null) {
            attach(connection, connection.up, connection.down);
            headerRead = true;
        }
    }

    private void attach(Connection connection, Direction out, Direction in) {
        this.connection = connection;
        this.out = out;
        this.in = in;
    }

    boolean isExcused() {
        return early || failure != null;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (connection != null) {
            write(Unpooled.buffer(HEADER).writeInt(connection.index));
            start();
        }
    }

    private void start() {
        started = true;
        later(this::send);
    }

    /** Soon, on the thread that this endpoint writes from. */
    private void later(Runnable task) {
        int micros = random.nextInt(4) == 0 ? random.nextInt(MAX_MICROS) : 0;
        try {
            if (writesFromOutside) {
                workload.others.schedule(() -> safely(task), micros, TimeUnit.MICROSECONDS);
            } else {
                onLoop(task, micros);
            }
        } catch (RejectedExecutionException loopEnded) {
            early = true;
        }
    }

    /** On the channel's loop, which may be another when the time comes. */
    private void onLoop(Runnable task, int micros) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (moving || !channel.eventLoop().inEventLoop()) {
                                onLoop(task, 0);
                            } else {
                                safely(task);
                            }
                        },
                        micros,
                        TimeUnit.MICROSECONDS);
    }

    private void move() {
        moving = true;
        channel.deregister().addListener(left -> {
            if (!left.isSuccess() || !channel.isOpen()) {
                moving = false;
                return;
            }
            // told by whichever thread knows: the new loop may have ended
            ChannelPromise registered = new DefaultChannelPromise(channel, ImmediateEventExecutor.INSTANCE);
            workload.nextLoop().register(registered).addListener(arrived -> {
                moving = false;
                if (!arrived.isSuccess()) {
                    failed(arrived.cause());
                }
            });
        });
    }

    private void safely(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            workload.fault("endpoint threw " + e);
        }
    }

    private void send() {
        if (!channel.isOpen() || isExcused()) {
            return;
        }
        for (int pieces = 1 + random.nextInt(20);
                pieces > 0 && out.written() < toSend && channel.isWritable();
                pieces--) {
            write(piece((int) Math.min(toSend - out.written(), length())));
            if (random.nextInt(3) == 0) {
                channel.flush();
            }
        }
        channel.flush();
        if (workload.closesEarly && random.nextInt(40) == 0) {
            closeEarly();
        } else if (out.written() < toSend) {
            later(this::send);
        } else {
            finish();
        }
    }

    private int length() {
        return 1 + random.nextInt(1 << (1 + random.nextInt(17)));
    }

    private Object piece(int length) {
        switch (random.nextInt(8)) {
            case 0:
                DefaultFileRegion region = new DefaultFileRegion(workload.file.toFile(), out.position(), length);
                out.advance(length);
                return region;
            case 1:
                return filled(Unpooled.buffer(length), length);
            case 2:
                int first = length / 2;
                ByteBuf a = filled(channel.alloc().directBuffer(Math.max(1, first)), first);
                ByteBuf b = filled(channel.alloc().heapBuffer(length), length - first);
                return channel.alloc().compositeBuffer().addComponents(true, a, b);
            case 3:
                return filled(channel.alloc().directBuffer(length), length);
            default:
                return filled(new ScribbledBuffer(length), length);
        }
    }

    private ByteBuf filled(ByteBuf buf, int length) {
        out.fill(buf, length);
        return buf;
    }

    private void write(Object message) {
        workload.written(channel.write(message)).addListener(future -> {
            if (!future.isSuccess()) {
                failed(future.cause());
            }
        });
    }

    /** What is not sent when the output is shut down is never sent. */
    private void finish() {
        workload.written(channel.writeAndFlush(Unpooled.EMPTY_BUFFER)).addListener(future -> {
            if (future.isSuccess()) {
                shutdownOutput();
            } else {
                failed(future.cause());
            }
        });
    }

    private void shutdownOutput() {
        ((DuplexChannel) channel).shutdownOutput().addListener(future -> {
            if (future.isSuccess()) {
                out.shutdown = true;
                closeIfOver();
            } else {
                failed(future.cause());
            }
        });
    }

    private void closeIfOver() {
        if (out.shutdown && in.ended) {
            close();
        }
    }

    private void closeEarly() {
        early = true;
        close();
    }

    private void close() {
        channel.close().addListener(future -> {
            if (!future.isSuccess()) {
                StringWriter trace = new StringWriter();
                future.cause().printStackTrace(new PrintWriter(trace));
                workload.fault(this + " does not close: " + trace);
            }
        });
    }

    void failed(Throwable cause) {
        if (failure == null && !early) {
            failure = cause;
            if (!(cause instanceof IOException) && !(cause instanceof UncheckedIOException) && !workload.loopsMayEnd) {
                workload.fault(this + " failed with " + cause);
            }
        }
        if (channel != null && channel.isOpen()) {
            close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buf = (ByteBuf) message;
        if (headerRead || readHeader(buf)) {
            take(buf);
        } else {
            buf.release();
        }
    }

    private final ByteBuf header = Unpooled.buffer(HEADER);

    private boolean readHeader(ByteBuf buf) {
        header.writeBytes(buf, Math.min(HEADER - header.readableBytes(), buf.readableBytes()));
        if (header.readableBytes() < HEADER) {
            return false;
        }
        headerRead = true;
        Connection named = workload.connection(header.getInt(0));
        if (named == null || named.server != null) {
            workload.fault("a connection begins with " + header.getInt(0));
            closeEarly();
            return false;
        }
        attach(named, named.down, named.up);
        named.server = this;
        start();
        return true;
    }

    private void take(ByteBuf buf) {
        long offset = in.arrived(buf.readableBytes());
        if (random.nextInt(8) == 0) {
            workload.others.schedule(() -> check(buf, offset), random.nextInt(MAX_MICROS), TimeUnit.MICROSECONDS);
        } else {
            check(buf, offset);
        }
        if (random.nextInt(20) == 0) {
            channel.config().setAutoRead(false);
            onLoop(() -> channel.config().setAutoRead(true), random.nextInt(MAX_MICROS));
        }
        if (workload.moves && !writesFromOutside && !moving && workload.decides(MOVES)) {
            move();
        }
        if (workload.closesEarly && random.nextInt(200) == 0) {
            closeEarly();
        }
        if (workload.throwsInHandlers && random.nextInt(20) == 0) {
            throw new Thrown();
        }
    }

    private void check(ByteBuf buf, long offset) {
        String fault = in.fault(buf, offset);
        buf.release();
        if (fault != null) {
            workload.fault(this + ": " + fault);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            if (connection == null) {
                closeEarly();
            } else {
                in.ended = true;
                closeIfOver();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof Thrown)) {
            failed(cause);
        }
    }

    @Override
    public String toString() {
        return "[to send " + toSend + (started ? "" : ", not started") + (writesFromOutside ? ", from outside" : "")
                + (early ? ", closed early" : "") + (failure == null ? "" : ", " + failure) + ", " + channel
                + (channel == null || !channel.isOpen() ? "" : state()) + ']';
    }

    private String state() {
        DuplexChannel duplex = (DuplexChannel) channel;
        return (channel.isActive() ? "" : ", not active")
                + (channel.config().isAutoRead() ? "" : ", auto-read off")
                + (duplex.isInputShutdown() ? ", input shut down" : "")
                + (duplex.isOutputShutdown() ? ", output shut down" : "")
                + (channel.isWritable() ? "" : ", not writable");
    }
}
