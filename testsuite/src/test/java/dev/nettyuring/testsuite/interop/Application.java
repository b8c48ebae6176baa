// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.AsciiString;
import java.util.function.Consumer;

/** What a server speaks above TLS or TCP. */
enum Application {
    /** HTTP/1.1 and 1.0. */
    HTTP_1 {
        @Override
        void install(ChannelPipeline pipeline, boolean tls, Consumer<Throwable> failures) {
            installHttp1(pipeline, failures);
        }
    },

    /** HTTP/2: by ALPN over TLS; without TLS by prior knowledge or by upgrade from HTTP/1.1. */
    HTTP_2(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1) {
        @Override
        void install(ChannelPipeline pipeline, boolean tls, Consumer<Throwable> failures) {
            if (tls) {
                pipeline.addLast(new AlpnHandler(failures));
            } else {
                pipeline.addLast(cleartextHttp2(failures));
            }
        }
    },

    /** WebSocket at {@code /ws}. */
    WEB_SOCKET {
        @Override
        void install(ChannelPipeline pipeline, boolean tls, Consumer<Throwable> failures) {
            pipeline.addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(MAX_UPGRADE_BYTES))
                    .addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                            .websocketPath("/ws")
                            .maxFramePayloadLength(MAX_FRAME_BYTES)
                            .dropPongFrames(false)
                            .build()))
                    .addLast(new WebSocketService(failures));
        }
    };

    static final int MAX_STREAMS = 1000;

    private static final int MAX_UPGRADE_BYTES = 64 << 10;
    private static final int MAX_FRAME_BYTES = 2 << 20;

    private final String[] applicationProtocols;

    Application(String... applicationProtocols) {
        this.applicationProtocols = applicationProtocols;
    }

    /** What to offer by ALPN; empty for none. */
    String[] applicationProtocols() {
        return applicationProtocols.clone();
    }

    /**
     * Adds what comes after the TLS handler, if there is one.
     *
     * @param failures is told what the server's handlers did not expect
     */
    abstract void install(ChannelPipeline pipeline, boolean tls, Consumer<Throwable> failures);

    private static void installHttp1(ChannelPipeline pipeline, Consumer<Throwable> failures) {
        pipeline.addLast(new HttpServerCodec())
                .addLast(new HttpServerExpectContinueHandler())
                .addLast(new HttpServerKeepAliveHandler())
                .addLast(new ChunkedWriteHandler())
                .addLast(new HttpService(failures));
    }

    private static void installHttp2(ChannelPipeline pipeline, Consumer<Throwable> failures) {
        pipeline.addLast(http2Codec()).addLast(new Http2MultiplexHandler(streams(failures)));
    }

    private static Http2FrameCodec http2Codec() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(MAX_STREAMS))
                .build();
    }

    private static ChannelHandler streams(Consumer<Throwable> failures) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline()
                        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                        .addLast(new ChunkedWriteHandler())
                        .addLast(new HttpService(failures));
            }
        };
    }

    private static ChannelHandler cleartextHttp2(Consumer<Throwable> failures) {
        HttpServerCodec http1 = new HttpServerCodec();
        HttpServerUpgradeHandler upgrade = new HttpServerUpgradeHandler(
                http1,
                protocol -> AsciiString.contentEquals(Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, protocol)
                        ? new Http2ServerUpgradeCodec(http2Codec(), new Http2MultiplexHandler(streams(failures)))
                        : null,
                MAX_UPGRADE_BYTES);
        return new CleartextHttp2ServerUpgradeHandler(http1, upgrade, new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                installHttp2(channel.pipeline(), failures);
            }
        });
    }

    private static final class AlpnHandler extends ApplicationProtocolNegotiationHandler {
        private final Consumer<Throwable> failures;

        AlpnHandler(Consumer<Throwable> failures) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.failures = failures;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                installHttp2(ctx.pipeline(), failures);
            } else {
                installHttp1(ctx.pipeline(), failures);
            }
        }
    }
}
