// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.testsuite.Pattern;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Random;

/** Answers requests, of two integers each, for that many bytes from there: with a region of the file, or with a buffer. */
final class FileHandler extends ChannelInboundHandlerAdapter {
    static final int REQUEST_BYTES = 2 * Integer.BYTES;

    private final Load load;
    private final Random random;
    private ByteBuf requests;

    FileHandler(Load load, Random random) {
        this.load = load;
        this.random = random;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        requests = context.alloc().heapBuffer();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        requests.release();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf piece = (ByteBuf) message;
        requests.writeBytes(piece);
        piece.release();
        while (requests.readableBytes() >= REQUEST_BYTES) {
            int position = requests.readInt();
            int length = requests.readInt();
            load.bytes.add(length);
            context.write(
                    random.nextBoolean()
                            ? new DefaultFileRegion(load.file.toFile(), position, length)
                            : Pattern.fill(context.alloc().buffer(length), position, length));
        }
        requests.discardReadBytes();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
