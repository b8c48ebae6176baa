// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.LentByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** A write of a buffer that stays its owner's, who gets it back when nobody reads it any more. Any thread. */
final class LentWrite {
    private LentWrite() {}

    static Future<ByteBuf> of(ByteBuf buffer, Channel channel) {
        Promise<ByteBuf> promise = channel.eventLoop().newPromise();
        ChannelPromise written = channel.newPromise();
        LentByteBuf lent = new LentByteBuf(buffer, () -> {
            if (written.isDone()) { // the loop, which would call a listener, may be gone
                giveBack(buffer, written, promise);
            } else {
                written.addListener(done -> giveBack(buffer, done, promise));
            }
        });
        channel.writeAndFlush(lent, written);
        return promise;
    }

    private static void giveBack(ByteBuf buffer, Future<?> written, Promise<ByteBuf> promise) {
        if (written.isSuccess()) {
            promise.trySuccess(buffer.readerIndex(buffer.writerIndex()));
        } else {
            promise.tryFailure(written.cause());
        }
    }
}
