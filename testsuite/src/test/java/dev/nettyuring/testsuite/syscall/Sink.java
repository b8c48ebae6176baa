// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Arrays;

/** Expects certain bytes. */
final class Sink extends SimpleChannelInboundHandler<ByteBuf> {
    final Promise<String> done = ImmediateEventExecutor.INSTANCE.newPromise();
    private final byte[] expected;
    private int received;

    Sink(byte[] expected) {
        this.expected = expected;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
        received += checked(message, expected, received, done);
        if (received == expected.length) {
            done.trySuccess("every byte arrived");
        }
    }

    /** How many bytes a message has; fails the promise unless they are those expected there. */
    static int checked(ByteBuf message, byte[] expected, int at, Promise<?> done) {
        byte[] piece = new byte[message.readableBytes()];
        message.readBytes(piece);
        if (piece.length > expected.length - at
                || !Arrays.equals(piece, 0, piece.length, expected, at, at + piece.length)) {
            done.tryFailure(new IllegalStateException("CORRUPT: at byte " + at + " or after"));
        }
        return piece.length;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        done.tryFailure(cause);
        context.close();
    }

    /** What came before was right, and no more comes: for who knows already why. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        done.tryFailure(new IllegalStateException("closed after " + received + " bytes"));
    }
}
