// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * HTTP on a Unix domain socket, where the kernel tells who asks: {@code UnixServer [PATH]}, then
 * {@code curl --unix-socket PATH http://localhost/}. The socket's file goes when the server ends.
 */
public final class UnixServer {
    private static final String DEFAULT_PATH = "/tmp/netty-uring.sock";

    private UnixServer() {}

    /**
     * Listens.
     *
     * @param path where there is no file yet
     */
    public static RunningServer start(String path) throws IOException, InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
        GreetingHandler greeting = new GreetingHandler(UnixServer::greeting);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler())
                                .addLast(greeting);
                    }
                });
        return RunningServer.of(group, bootstrap.bind(new DomainSocketAddress(path)));
    }

    private static String greeting(Channel channel) {
        try {
            PeerCredentials peer = ((UringDomainSocketChannel) channel).peerCredentials();
            return "Hello from io_uring, process " + peer.pid() + " of user " + peer.uid();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String path = args.length > 0 ? args[0] : DEFAULT_PATH;
        start(path).endWithProcess("curl --unix-socket " + path + " http://localhost/");
    }
}
