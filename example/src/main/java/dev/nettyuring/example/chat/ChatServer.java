// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.chat;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.example.Arguments;
import dev.nettyuring.example.RunningServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.io.IOException;

/** A chat in the browser, by WebSocket: {@code ChatServer [PORT]}, then open {@code http://127.0.0.1:8080/} twice. */
public final class ChatServer {
    private static final int DEFAULT_PORT = 8080;
    private static final int MAX_REQUEST_BYTES = 8 << 10;
    private static final int MAX_MESSAGE_BYTES = 4 << 10;

    private ChatServer() {}

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     */
    public static RunningServer start(int port) throws IOException, InterruptedException {
        ChatRoom room = new ChatRoom();
        WebSocketServerProtocolConfig webSocket = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/chat")
                .checkStartsWith(true) // the name follows
                .maxFramePayloadLength(MAX_MESSAGE_BYTES)
                .build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(MAX_REQUEST_BYTES))
                                .addLast(new WebSocketServerProtocolHandler(webSocket))
                                .addLast(new WebSocketFrameAggregator(MAX_MESSAGE_BYTES))
                                .addLast(new PageHandler(), new ChatHandler(room));
                    }
                });
        return RunningServer.of(group, bootstrap.bind("127.0.0.1", port), room::close);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        RunningServer server = start(Arguments.port(args, 0, DEFAULT_PORT));
        server.endWithProcess("http://127.0.0.1:" + server.port() + "/");
    }
}
