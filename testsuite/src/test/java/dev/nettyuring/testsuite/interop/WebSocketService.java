// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Sends back every frame as it is, but for the texts {@link #PING_ME} and {@link #CLOSE_ME}; tells the client of its pongs,
 * as the text {@code "pong "} and what was in it.
 */
final class WebSocketService extends SimpleChannelInboundHandler<WebSocketFrame> {
    static final String PING_ME = "ping me";
    static final String CLOSE_ME = "close me";
    static final String PING_CONTENT = "are you there?";

    private final Consumer<Throwable> failures;

    WebSocketService(Consumer<Throwable> failures) {
        this.failures = failures;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        String text = frame instanceof TextWebSocketFrame textFrame ? textFrame.text() : "";
        if (text.equals(PING_ME)) {
            ctx.write(new PingWebSocketFrame(
                    ctx.alloc().buffer().writeBytes(PING_CONTENT.getBytes(StandardCharsets.UTF_8))));
        } else if (text.equals(CLOSE_ME)) {
            ctx.write(new CloseWebSocketFrame(WebSocketCloseStatus.TRY_AGAIN_LATER));
        } else if (frame instanceof PongWebSocketFrame) {
            ctx.write(new TextWebSocketFrame("pong " + frame.content().toString(StandardCharsets.UTF_8)));
        } else {
            ctx.write(frame.retain());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failures.accept(cause);
        ctx.close();
    }
}
