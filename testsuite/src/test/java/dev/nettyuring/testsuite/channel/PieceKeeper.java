// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringBufferExhausted;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntPredicate;

/** Notes the size of every piece, and keeps those that it is told to. */
class PieceKeeper extends Collector {
    private final List<Integer> sizes = new CopyOnWriteArrayList<>();
    private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
    private volatile IntPredicate keeps = size -> false;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        int size = ((ByteBuf) message).readableBytes();
        sizes.add(size);
        if (keeps.test(size)) {
            kept.add(((ByteBuf) message).retainedDuplicate());
        }
        super.channelRead(context, message);
    }

    /** Keeps pieces of such sizes from now on. */
    void keep(IntPredicate sizes) {
        keeps = sizes;
    }

    List<Integer> sizes() {
        return sizes;
    }

    int largest() {
        return sizes.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    boolean isExhausted() {
        return events().stream().anyMatch(UringBufferExhausted.class::isInstance);
    }

    void letGo() {
        keeps = size -> false;
        for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
            buf.release();
        }
    }
}
