// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * What comes by one connection: heads and bodies, each when it is asked for. It reads no more than that, and nothing while
 * the other side does not take it. Auto-read must be off.
 */
final class HttpInput {
    private final HttpExchange owner;
    private final UringSocketChannel channel;
    private ByteBuf kept = Unpooled.EMPTY_BUFFER;
    private HttpHead.Consumer headConsumer;
    private BodyRelay relay;
    private boolean using;
    private boolean splicing;
    private boolean discarding;

    HttpInput(HttpExchange owner, UringSocketChannel channel) {
        this.owner = owner;
        this.channel = channel;
    }

    /** Gives the next head to a consumer. */
    void readHead(HttpHead.Consumer consumer) {
        headConsumer = consumer;
        resume();
    }

    /** Passes the next bytes on, up to the end of a body. */
    void relay(HttpBody body, UringSocketChannel to, Runnable whenRelayed) {
        relay = new BodyRelay(body, to, whenRelayed);
        resume();
    }

    /** Nothing is wanted any more, and what comes is thrown away. */
    void discard() {
        headConsumer = null;
        relay = null;
        discarding = true;
        release();
        channel.config().setAutoRead(true);
    }

    /** Whether something came that nobody has asked for. */
    boolean hasMore() {
        return kept.isReadable();
    }

    void received(ByteBuf bytes) {
        if (discarding) {
            bytes.release();
        } else {
            kept = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), kept, bytes);
            resume();
        }
    }

    /** Uses what is there, and reads more if that is wanted. Those who get a head or a body call it from within itself. */
    void resume() {
        if (using || splicing) {
            return;
        }
        using = true;
        boolean more = true;
        while (more) {
            try {
                more = headConsumer != null ? useForHead() : relay != null && useForBody();
            } catch (MalformedException e) {
                more = false;
                owner.malformed(this);
            }
        }
        using = false;
        if (!kept.isReadable()) {
            release();
        }
        boolean wanted = headConsumer != null || (relay != null && relay.takesBytes());
        if (wanted && !splicing && channel.isActive()) {
            channel.read();
        }
    }

    private void release() {
        kept.release();
        kept = Unpooled.EMPTY_BUFFER;
    }

    private boolean useForHead() throws MalformedException {
        int end = HttpHead.endIn(kept);
        if (end < 0) {
            return false;
        }
        HttpHead.Consumer consumer = headConsumer;
        headConsumer = null;
        consumer.accept(kept.readSlice(end - kept.readerIndex()));
        return true;
    }

    private boolean useForBody() throws MalformedException {
        if (relay.write(kept)) {
            relayed();
            return true;
        }
        if (relay.isWorthSplicing()) {
            splicing = true;
            SpliceFuture future = relay.splice(channel);
            future.addListener(done -> spliced(future));
        }
        return false;
    }

    private void spliced(SpliceFuture future) {
        splicing = false;
        if (relay == null) {
            return; // nobody wants it any more
        }
        if (!future.isSuccess()) {
            owner.failed();
        } else if (relay.endsWithConnection()) {
            relayed();
        } else {
            relay.spliced(future.transferred());
            resume();
        }
    }

    private void relayed() {
        BodyRelay relayed = relay;
        relay = null;
        relayed.complete();
    }

    /** Nothing comes any more, which may be a body's end, but not if the connection is broken. */
    void ended(boolean broken) {
        release();
        if (relay != null && !splicing && !broken && relay.endsWithConnection()) {
            relayed();
        }
    }
}
