// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import dev.nettyuring.channel.Uring;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** A program that takes whatever transport {@link Transports} chooses and uses all of its channels. Argument: event loops. */
final class ChosenTransport {
    /** Before the name of what was chosen. */
    static final String CHOSEN = "chosen: ";
    /** What it prints when everything was sent and came. */
    static final String DONE = "all served";

    private static final int LIMIT_SECONDS = 20;
    private static final int MAX_BODY = 1 << 20;

    private final Transport transport;
    private final EventLoopGroup group;

    private ChosenTransport(Transport transport) {
        this.transport = transport;
        group = transport.newGroup();
    }

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger(Transports.class)).setLevel(Level.INFO);
        int threads = Integer.parseInt(args[0]);
        boolean available = Uring.isAvailable(); // throws nothing, whatever is amiss
        Transport transport = Transports.best(threads);
        if (!transport.toString().equals(Transports.best(threads).toString())) {
            throw new AssertionError("another choice the second time");
        }
        System.out.println("available: " + available);
        System.out.println(CHOSEN + transport.name());
        transport.whyNot().forEach((name, reason) -> System.out.println("not " + name + " since " + reason));
        new ChosenTransport(transport).useAll();
        System.out.println(DONE);
    }

    private void useAll() throws Exception {
        try {
            http(
                    transport.serverSocketChannel(),
                    transport.socketChannel(),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            datagram();
            if (transport.hasDomainSockets()) {
                Path folder = Files.createTempDirectory("chosen");
                Path socket = folder.resolve("s");
                http(
                        transport.serverDomainSocketChannel(),
                        transport.domainSocketChannel(),
                        new DomainSocketAddress(socket.toString()));
                Files.deleteIfExists(socket);
                Files.delete(folder);
            }
        } finally {
            group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void http(
            Class<? extends ServerChannel> serverClass, Class<? extends Channel> clientClass, SocketAddress address)
            throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(serverClass)
                .childHandler(codec(new HttpServerCodec(), HelloOnce::new))
                .bind(address)
                .sync()
                .channel();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel client = new Bootstrap()
                .group(group)
                .channel(clientClass)
                .handler(codec(new HttpClientCodec(), () -> new Answer(answer)))
                .connect(server.localAddress())
                .sync()
                .channel();
        client.writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        expect("200 OK hello", answer);
        client.close().sync();
        server.close().sync();
    }

    private static ChannelInitializer<Channel> codec(ChannelHandler codec, Supplier<ChannelHandler> handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(codec, new HttpObjectAggregator(MAX_BODY), handler.get());
            }
        };
    }

    private static void expect(String expected, CompletableFuture<String> answer) throws Exception {
        String actual = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!expected.equals(actual)) {
            throw new AssertionError(actual);
        }
    }

    private void datagram() throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(transport.datagramChannel())
                .handler(new SimpleChannelInboundHandler<DatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                        arrived.complete(packet.content().toString(StandardCharsets.US_ASCII));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        ByteBuf content = Unpooled.copiedBuffer("datagram", StandardCharsets.US_ASCII);
        channel.writeAndFlush(new DatagramPacket(content, (InetSocketAddress) channel.localAddress()))
                .sync();
        expect("datagram", arrived);
        channel.close().sync();
    }

    private static final class HelloOnce extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            ByteBuf body = Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII);
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            ctx.writeAndFlush(response);
        }
    }

    private static final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<String> answer;

        Answer(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            answer.complete(response.status() + " " + response.content().toString(StandardCharsets.US_ASCII));
        }
    }
}
