// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.buffer.ByteBuf;

/** Passes one body on: bytes that were read are written again, and many that need not be looked at are spliced. */
final class BodyRelay {
    /** Less is not worth the pause in reading. */
    private static final long MIN_SPLICE = 64 << 10;

    private final HttpBody body;
    private final UringSocketChannel to;
    private final Runnable whenComplete;

    BodyRelay(HttpBody body, UringSocketChannel to, Runnable whenComplete) {
        this.body = body;
        this.to = to;
        this.whenComplete = whenComplete;
    }

    /** Passes on what of some bytes belongs to the body, and says whether that was its end. */
    boolean write(ByteBuf bytes) throws MalformedException {
        int count = body.take(bytes);
        if (count > 0) {
            to.write(bytes.readRetainedSlice(count), to.voidPromise());
        }
        to.flush();
        return body.isComplete();
    }

    /** Whether bytes should be read for it. */
    boolean takesBytes() {
        return to.isWritable();
    }

    boolean isWorthSplicing() {
        return body.certain() >= MIN_SPLICE;
    }

    /** Has the kernel pass on what certainly follows; {@link #spliced} is to be called behind it. */
    SpliceFuture splice(UringSocketChannel from) {
        return from.spliceTo(to, body.certain());
    }

    void spliced(long bytes) {
        body.skip(bytes);
    }

    boolean endsWithConnection() {
        return body.certain() == HttpBody.UNTIL_THE_END;
    }

    void complete() {
        whenComplete.run();
    }
}
