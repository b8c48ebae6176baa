// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import javax.net.ssl.SSLException;

/**
 * HTTPS, with HTTP/2 for clients that know it: {@code TlsServer [PORT [CERTIFICATE.pem KEY.pem]]}, then
 * {@code curl --insecure https://localhost:8443/}. Without a certificate it makes one, which nobody trusts.
 */
public final class TlsServer {
    private static final int DEFAULT_PORT = 8443;

    private TlsServer() {}

    /**
     * Listens on 127.0.0.1.
     *
     * @param port 0 for any free one
     * @param certificate the server's, with its key
     */
    public static RunningServer start(int port, SslContextBuilder certificate)
            throws IOException, InterruptedException {
        SslContext tls = context(certificate);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Negotiated());
                    }
                });
        return RunningServer.of(group, bootstrap.bind("127.0.0.1", port));
    }

    /** The JDK's TLS; with netty-tcnative on the class path {@code SslProvider.OPENSSL} is faster. */
    private static SslContext context(SslContextBuilder certificate) throws SSLException {
        return certificate
                .sslProvider(SslProvider.JDK)
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    /** Makes the pipeline when client and server have agreed on a protocol. */
    private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
        Negotiated() {
            super(ApplicationProtocolNames.HTTP_1_1); // what clients without ALPN mean
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            String version =
                    ctx.pipeline().get(SslHandler.class).engine().getSession().getProtocol();
            GreetingHandler greeting =
                    new GreetingHandler(channel -> "Hello from io_uring over " + protocol + " and " + version);
            if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                ctx.pipeline().addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler(), greeting);
                return;
            }
            ctx.pipeline().addLast(Http2FrameCodecBuilder.forServer().build());
            ctx.pipeline().addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                    stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), greeting);
                }
            }));
        }
    }

    /** A certificate for localhost that nobody has signed but itself. */
    static SslContextBuilder selfSigned() throws Exception {
        X509Bundle made = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        return SslContextBuilder.forServer(made.getKeyPair().getPrivate(), made.getCertificatePath());
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            System.err.println("usage: [PORT [CERTIFICATE KEY]] (found: a certificate, " + args[1] + ", and no key)");
            System.exit(2);
        }
        int port = Arguments.port(args, 0, DEFAULT_PORT);
        SslContextBuilder certificate =
                args.length < 3 ? selfSigned() : SslContextBuilder.forServer(new File(args[1]), new File(args[2]));
        RunningServer server = start(port, certificate);
        server.endWithProcess("curl --insecure https://localhost:" + server.port() + "/");
    }
}
