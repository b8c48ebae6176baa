// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.LentByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A write of a buffer that stays its owner's, who gets it back when the write is done and nobody reads the buffer any more,
 * whichever comes last. No listener finds that out: the loop, which would call it, may be gone. Any thread.
 */
final class LentWrite extends DefaultChannelPromise {
    private static final int WRITTEN_AND_RETURNED = 2;

    private final ByteBuf buffer;
    private final Promise<ByteBuf> promise;
    private final AtomicInteger awaited = new AtomicInteger(WRITTEN_AND_RETURNED);

    private LentWrite(ByteBuf buffer, Channel channel) {
        super(channel);
        this.buffer = buffer;
        promise = channel.eventLoop().newPromise();
    }

    static Future<ByteBuf> of(ByteBuf buffer, Channel channel) {
        LentWrite written = new LentWrite(buffer, channel);
        channel.writeAndFlush(new LentByteBuf(buffer, written::oneIsOver), written);
        return written.promise;
    }

    private void oneIsOver() {
        if (awaited.decrementAndGet() > 0) {
            return;
        }
        if (isSuccess()) {
            promise.trySuccess(buffer.readerIndex(buffer.writerIndex()));
        } else {
            promise.tryFailure(cause());
        }
    }

    @Override
    public ChannelPromise setSuccess(Void result) {
        super.setSuccess(null);
        oneIsOver();
        return this;
    }

    @Override
    public boolean trySuccess(Void result) {
        return counted(super.trySuccess(null));
    }

    @Override
    public ChannelPromise setFailure(Throwable cause) {
        super.setFailure(cause);
        oneIsOver();
        return this;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        return counted(super.tryFailure(cause));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return counted(super.cancel(mayInterruptIfRunning));
    }

    private boolean counted(boolean done) {
        if (done) {
            oneIsOver();
        }
        return done;
    }
}
