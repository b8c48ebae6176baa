// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.TimeUnit;

/** The ways in which a client's connection ends. */
final class ClientConnection {
    private static final int LINGER_SECONDS = 2;

    private ClientConnection() {}

    /** Answers a request that is not passed on; {@link #end} follows. */
    static void refuse(UringSocketChannel client, HttpResponseStatus status) {
        String text = "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        client.writeAndFlush(ByteBufUtil.writeAscii(client.alloc(), text), client.voidPromise());
    }

    /** Ends it after the last response, which would be lost with it if it were closed while there are unread bytes in it. */
    static void end(UringSocketChannel client) {
        client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            client.shutdownOutput();
            client.eventLoop().schedule(() -> client.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    /** Ends it so that the client does not take it for the end of a response. */
    static void reset(UringSocketChannel client) {
        client.config().setSoLinger(0);
        client.close();
    }
}
