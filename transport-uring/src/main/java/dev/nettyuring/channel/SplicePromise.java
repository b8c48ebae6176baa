// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelProgressivePromise;
import io.netty.util.concurrent.PromiseNotifier;

/** The user's side of a splice: it is done when the target has all that was taken from the source, and not before. */
final class SplicePromise extends DefaultChannelProgressivePromise implements SpliceFuture {
    private static final long UNKNOWN_TOTAL = -1;

    private final SpliceSource source;
    private final Splice splice;

    SplicePromise(UringStreamChannel channel, SpliceSource source, Splice splice) {
        super(channel);
        this.source = source;
        this.splice = splice;
    }

    @Override
    public long transferred() {
        return splice.delivered();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return false;
        }
        source.cancel(splice);
        return true;
    }

    void endCancelled() {
        super.cancel(false);
    }

    void progressed(long delivered, long length) {
        tryProgress(delivered, length == Splice.UNTIL_THE_END ? UNKNOWN_TOTAL : length);
    }

    /** Gives a promise of the user's the same progress and outcome; if that is cancelled, so is this. */
    SpliceFuture cascadeTo(ChannelPromise promise) {
        if (promise instanceof ChannelProgressivePromise) {
            ChannelProgressivePromise progressive = (ChannelProgressivePromise) promise;
            addListener(new ChannelProgressiveFutureListener() {
                @Override
                public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
                    progressive.tryProgress(progress, total);
                }

                @Override
                public void operationComplete(ChannelProgressiveFuture future) {
                    // PromiseNotifier does that
                }
            });
        }
        if (!promise.isVoid()) {
            PromiseNotifier.cascade(false, this, promise);
        }
        return this;
    }
}
