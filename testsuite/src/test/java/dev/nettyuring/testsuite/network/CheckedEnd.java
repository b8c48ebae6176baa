// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * An end of a connection that sends bytes as fast as they go, and compares what it receives with what the other end sends,
 * byte by byte. Tells how that ended: {@link #WHOLE}, or what went wrong.
 */
final class CheckedEnd extends ChannelInboundHandlerAdapter {
    /** All has been sent, and all has arrived as it was sent, up to the end. */
    static final String WHOLE = "whole";

    /** Instead of a length: nothing is sent, not even the end. */
    static final long IDLE = -1;

    /** A prime, so that what is lost or doubled does not go unnoticed. */
    private static final int PERIOD = 65_521;

    private static final int MAX_PIECE = 40_000;

    private final byte[] ours;
    private final byte[] theirs;
    private final long toSend;
    private final long toReceive;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile long sent;
    private volatile long received;
    private boolean finished;
    private boolean outputOver;
    private boolean inputOver;
    private String failure;
    private volatile String writeFailure;

    CheckedEnd(boolean client, long toSend, long toReceive) {
        ours = period(client ? 1 : 2);
        theirs = period(client ? 2 : 1);
        this.toSend = toSend;
        this.toReceive = toReceive;
    }

    private static byte[] period(long seed) {
        byte[] period = new byte[PERIOD];
        new Random(seed).nextBytes(period);
        return period;
    }

    /** How it ended. */
    CompletableFuture<String> ended() {
        return ended;
    }

    long received() {
        return received;
    }

    /** The first failure of a write, or {@code null}. */
    String writeFailure() {
        return writeFailure;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        send(context);
        context.fireChannelActive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            send(context);
        }
    }

    private void send(ChannelHandlerContext context) {
        while (sent < toSend && context.channel().isWritable()) {
            int at = (int) (sent % PERIOD);
            int bytes = (int) Math.min(toSend - sent, Math.min(MAX_PIECE, PERIOD - at));
            sent += bytes;
            context.write(context.alloc().directBuffer(bytes).writeBytes(ours, at, bytes))
                    .addListener(written -> {
                        if (!written.isSuccess() && writeFailure == null) {
                            writeFailure = written.cause().toString();
                        }
                    });
        }
        if (sent == toSend && !finished) {
            finished = true; // what is not sent when the output is shut down is never sent
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> shutdown(context.channel()));
        } else {
            context.flush();
        }
    }

    private void shutdown(Channel channel) {
        ((DuplexChannel) channel).shutdownOutput().addListener(done -> {
            outputOver = true;
            closeIfOver(channel);
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf piece = (ByteBuf) message;
        while (piece.isReadable() && failure == null) {
            int at = (int) (received % PERIOD);
            int bytes = Math.min(piece.readableBytes(), PERIOD - at);
            byte[] arrived = new byte[bytes];
            piece.readBytes(arrived);
            int wrong = Arrays.mismatch(arrived, 0, bytes, theirs, at, at + bytes);
            if (wrong >= 0) {
                failure = "byte " + (received + wrong) + " is wrong";
            }
            received += bytes;
        }
        piece.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputOver = true;
            closeIfOver(context.channel());
        }
        context.fireUserEventTriggered(event);
    }

    private void closeIfOver(Channel channel) {
        if (inputOver && outputOver) {
            channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure = failure == null ? cause.toString() : failure;
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        boolean whole = inputOver && sent == toSend && received == toReceive;
        ended.complete(
                failure != null
                        ? failure
                        : whole
                                ? WHOLE
                                : "ended with " + sent + " sent and " + received + " received: " + writeFailure);
        context.fireChannelInactive();
    }
}
