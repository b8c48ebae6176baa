// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.chat;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.concurrent.GlobalEventExecutor;

/** All who are connected, on whichever event loop. Any thread. */
final class ChatRoom {
    private static final int FAREWELL_LIMIT_MILLIS = 1000;

    private final ChannelGroup members = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    void join(Channel member) {
        members.add(member); // which leaves when it is closed
    }

    /** Tells everybody, but for those who do not keep up: they miss it, so that the server need not keep it for them. */
    void tell(String text) {
        members.writeAndFlush(new TextWebSocketFrame(text), Channel::isWritable, true);
    }

    /** Says goodbye, and waits a moment until that is sent. */
    void close() {
        members.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE))
                .awaitUninterruptibly(FAREWELL_LIMIT_MILLIS);
    }
}
