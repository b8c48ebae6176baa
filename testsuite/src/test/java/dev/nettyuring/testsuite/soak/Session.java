// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What one client does, from the opening of its channel to the end. */
abstract class Session extends ChannelInboundHandlerAdapter {
    final Load load;
    final Random random;
    final EventLoopGroup group;
    final long startNanos = System.nanoTime();
    volatile Channel channel;
    /** All that it wanted to do is done. */
    private volatile boolean complete;
    /** It ended before, as it meant to. */
    private volatile boolean aborted;

    private volatile Throwable cause;

    /** @param group where the client's channel is; it may end before the session does */
    Session(Load load, Random random, EventLoopGroup group) {
        this.load = load;
        this.random = random;
        this.group = group;
    }

    /** Opens the channel. */
    abstract void open();

    /** The channel is being connected, or bound. */
    final void opening(ChannelFuture ready) {
        channel = ready.channel();
        ready.addListener(opened -> {
            if (!opened.isSuccess()) {
                failed(opened.cause());
            }
        });
    }

    final boolean isOver() {
        return channel.closeFuture().isDone();
    }

    final void complete() {
        complete = true;
    }

    final void abort() {
        aborted = true;
    }

    final boolean isAborted() {
        return aborted;
    }

    final void failed(Throwable cause) {
        this.cause = this.cause == null ? cause : this.cause;
        channel.close();
    }

    /** After its end: counts it, or says what is wrong. */
    final void account() {
        if (complete) {
            load.completed.increment();
        } else if (aborted || group.isShuttingDown()) {
            load.abandoned.increment();
        } else {
            load.fault("ended early: " + this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos)
                + " ms old, "
                + channel + (complete ? ", complete" : "") + (aborted ? ", aborted" : "")
                + (cause == null ? "" : ", " + cause);
    }
}
