// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelProgressiveFuture;

/**
 * The outcome of {@link UringStreamChannel#spliceTo}. Listeners that are
 * {@link io.netty.channel.ChannelProgressiveFutureListener}s are told of progress.
 *
 * <p>{@link #cancel} asks for an end: nothing more is taken from the source, what was taken already still goes to the target,
 * and then the future is cancelled, or successful if that was all.
 */
public interface SpliceFuture extends ChannelProgressiveFuture {
    /**
     * How many bytes the target has been given so far. Once the future is done, in whichever way, that is the final and exact
     * number. Any thread.
     */
    long transferred();
}
