// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.TimeUnit;

/** An exchange's connection to the client, and the ways in which it ends. */
final class ClientConnection {
    private static final int LINGER_SECONDS = 2;

    private final UringSocketChannel channel;
    private final HttpInput input;

    ClientConnection(HttpExchange owner, UringSocketChannel channel) {
        this.channel = channel;
        input = new HttpInput(owner, channel);
        channel.pipeline().addLast(new InputHandler(owner, input));
    }

    UringSocketChannel channel() {
        return channel;
    }

    /** What comes from the client. */
    HttpInput input() {
        return input;
    }

    /** Answers a request that is not passed on, and ends. */
    void refuse(HttpResponseStatus status) {
        String text = "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), text), channel.voidPromise());
        end();
    }

    /** Ends after the last response, which would be lost if it were closed while there are unread bytes in it. */
    void end() {
        input.discard();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            channel.shutdownOutput();
            channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    /** Ends so that the client does not take it for the end of a response. */
    void reset() {
        channel.config().setSoLinger(0);
        channel.close();
    }
}
