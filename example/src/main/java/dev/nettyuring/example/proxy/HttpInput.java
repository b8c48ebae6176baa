// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;

/**
 * What comes by one connection: heads and bodies, each when it is asked for. It reads no more than that, and nothing while
 * the other side does not take it. Large parts of bodies are spliced. Auto-read must be off.
 */
final class HttpInput extends ChannelInboundHandlerAdapter {
    private static final int MAX_HEAD = 64 << 10;
    /** Less is not worth the pause in reading. */
    private static final long MIN_SPLICE = 64 << 10;

    private final HttpExchange owner;
    private UringSocketChannel channel;
    private ByteBuf kept = Unpooled.EMPTY_BUFFER;
    private HeadConsumer headConsumer;
    private HttpBody body;
    private UringSocketChannel to;
    private Runnable whenRelayed;
    private boolean using;
    private boolean splicing;
    private boolean discarding;
    private boolean broken;

    /** Takes a head, which is its only during the call. */
    interface HeadConsumer {
        void accept(ByteBuf head) throws MalformedException;
    }

    HttpInput(HttpExchange owner) {
        this.owner = owner;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = (UringSocketChannel) ctx.channel();
    }

    /** Gives the next head to a consumer. */
    void readHead(HeadConsumer consumer) {
        headConsumer = consumer;
        use();
    }

    /** Passes the next bytes on, up to the end of a body. */
    void relay(HttpBody body, UringSocketChannel to, Runnable whenRelayed) {
        this.body = body;
        this.to = to;
        this.whenRelayed = whenRelayed;
        use();
    }

    /** Nothing is wanted any more, and what comes is thrown away. */
    void discard() {
        headConsumer = null;
        body = null;
        discarding = true;
        release();
        channel.config().setAutoRead(true);
    }

    /** Whether something came that nobody has asked for. */
    boolean hasMore() {
        return kept.isReadable();
    }

    /** The other side takes bytes again. */
    void resume() {
        use();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (discarding) {
            bytes.release();
        } else {
            kept = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), kept, bytes);
            use();
        }
    }

    /** Also called from within itself, by those who get a head or wait for the end of a body. */
    private void use() {
        if (using || splicing) {
            return;
        }
        using = true;
        boolean more = true;
        while (more) {
            try {
                more = headConsumer != null ? useForHead() : body != null && useForBody();
            } catch (MalformedException e) {
                more = false;
                owner.malformed(this);
            }
        }
        using = false;
        if (!kept.isReadable()) {
            release();
        }
        boolean wanted = headConsumer != null || (body != null && to.isWritable());
        if (wanted && !splicing && channel.isActive()) {
            channel.read();
        }
    }

    private void release() {
        kept.release();
        kept = Unpooled.EMPTY_BUFFER;
    }

    private boolean useForHead() throws MalformedException {
        int end = endOfHead();
        if (end < 0) {
            if (kept.readableBytes() > MAX_HEAD) {
                throw new MalformedException("head longer than " + MAX_HEAD + " bytes");
            }
            return false;
        }
        HeadConsumer consumer = headConsumer;
        headConsumer = null;
        consumer.accept(kept.readSlice(end - kept.readerIndex()));
        return true;
    }

    private int endOfHead() {
        for (int at = kept.readerIndex(); at >= 0 && at < kept.writerIndex(); ) {
            int lineFeed = kept.indexOf(at, kept.writerIndex(), (byte) '\n');
            if (lineFeed < 0) {
                return -1;
            }
            at = lineFeed + 1;
            if (at - kept.readerIndex() >= Integer.BYTES && kept.getInt(at - Integer.BYTES) == 0x0d0a0d0a) {
                return at;
            }
        }
        return -1;
    }

    private boolean useForBody() throws MalformedException {
        int count = body.take(kept);
        if (count > 0) {
            to.write(kept.readRetainedSlice(count), to.voidPromise());
        }
        to.flush();
        if (body.isComplete()) {
            relayed();
            return true;
        }
        if (body.certain() >= MIN_SPLICE) {
            splicing = true;
            SpliceFuture future = channel.spliceTo(to, body.certain());
            future.addListener(done -> spliced(future));
        }
        return false;
    }

    private void spliced(SpliceFuture future) {
        splicing = false;
        if (body == null) {
            return; // nobody wants it any more
        }
        if (!future.isSuccess()) {
            owner.failed();
        } else if (body.certain() == HttpBody.UNTIL_THE_END) {
            relayed();
        } else {
            body.skip(future.transferred());
            use();
        }
    }

    private void relayed() {
        body = null;
        whenRelayed.run();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        owner.writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        if (body != null && !splicing && !broken && body.certain() == HttpBody.UNTIL_THE_END) {
            relayed();
        }
        owner.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken = true;
        if (!(cause instanceof IOException)) { // else the peer is gone, which is its right
            System.err.println("closing " + channel + ": " + cause);
        }
        ctx.close();
    }
}
