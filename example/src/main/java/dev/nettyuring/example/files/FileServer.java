// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.files;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.example.Arguments;
import dev.nettyuring.example.RunningServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Serves the files of a directory, which the kernel sends from its page cache, and Server-Sent Events:
 * {@code FileServer [PORT [DIRECTORY]]}, then {@code curl --no-buffer http://127.0.0.1:8080/events}.
 */
public final class FileServer {
    private static final int DEFAULT_PORT = 8080;
    private static final int TICK_MILLIS = 1000;

    private FileServer() {}

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     * @param directory whose files everybody may read
     * @param tickMillis time from one event to the next
     * @throws IOException also if there is no such directory
     */
    public static RunningServer start(int port, Path directory, int tickMillis)
            throws IOException, InterruptedException {
        Path root = directory.toRealPath();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler())
                                .addLast(new FlowControlHandler())
                                .addLast(new EventsHandler("/events", tickMillis), new FileHandler(root));
                    }
                });
        return RunningServer.of(group, bootstrap.bind("127.0.0.1", port));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Arguments.port(args, 0, DEFAULT_PORT);
        Path directory = Path.of(args.length > 1 ? args[1] : ".");
        RunningServer server = start(port, directory, TICK_MILLIS);
        server.endWithProcess("http://127.0.0.1:" + server.port() + "/ (files of " + directory.toRealPath()
                + ", of no directory a list) and /events");
    }
}
