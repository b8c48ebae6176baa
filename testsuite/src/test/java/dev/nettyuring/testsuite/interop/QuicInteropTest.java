// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.UringDatagramChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's QUIC codec over UDP on io_uring, at both ends. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class QuicInteropTest {
    private static final String PROTOCOL = "echo";
    private static final int LIMIT_SECONDS = 30;
    private static final int MEBIBYTE = 1 << 20;
    private static final int MAX_SEGMENTS = 10;

    @ParameterizedTest(name = "segmented: {0}")
    @ValueSource(booleans = {false, true})
    void whatIsSentOnAStreamComesBack(boolean segmented) throws Exception {
        assumeTrue(Quic.isAvailable(), () -> "netty-codec-native-quic does not load: " + Quic.unavailabilityCause());
        byte[] sent = new byte[2 * MEBIBYTE];
        new Random(1).nextBytes(sent);
        try (UringLoops loops = new UringLoops(2, 8 * MEBIBYTE)) {
            Channel server = bind(loops, server(segmented));
            Channel client = bind(loops, client());
            QuicChannel connection = QuicChannel.newBootstrap(client)
                    .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, packets(segmented))
                    .handler(new ChannelInboundHandlerAdapter())
                    .remoteAddress(server.localAddress())
                    .connect()
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            CompletableFuture<byte[]> received = new CompletableFuture<>();
            QuicStreamChannel stream = connection
                    .createStream(QuicStreamType.BIDIRECTIONAL, new Gatherer(received))
                    .sync()
                    .getNow();
            stream.writeAndFlush(Unpooled.wrappedBuffer(sent))
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT)
                    .sync();
            byte[] cameBack = received.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(cameBack.length).isEqualTo(sent.length);
            assertThat(Arrays.mismatch(cameBack, sent)).isEqualTo(-1);
            connection.close().sync();
            client.close().sync();
            server.close().sync();
        }
    }

    private static Channel bind(UringLoops loops, ChannelHandler codec) throws InterruptedException {
        return new Bootstrap()
                .group(loops.group())
                .channel(UringDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(NetUtil.LOCALHOST4, 0))
                .sync()
                .channel();
    }

    private static ChannelHandler server(boolean segmented) {
        X509Bundle certificate = Security.certificate();
        QuicServerCodecBuilder builder = new QuicServerCodecBuilder()
                .sslContext(QuicSslContextBuilder.forServer(
                                certificate.getKeyPair().getPrivate(), null, certificate.getCertificatePath())
                        .applicationProtocols(PROTOCOL)
                        .build())
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, packets(segmented))
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                })
                .streamHandler(new Echo());
        return limits(builder).build();
    }

    private static ChannelHandler client() {
        QuicSslContext context = QuicSslContextBuilder.forClient()
                .trustManager(Security.certificate().getCertificate())
                .applicationProtocols(PROTOCOL)
                .build();
        // the certificate is one of an address, which QUIC's channels do not tell the engine of their own accord
        return limits(new QuicClientCodecBuilder()
                        .sslEngineProvider(connection ->
                                context.newEngine(connection.alloc(), NetUtil.LOCALHOST4.getHostAddress(), 0)))
                .build();
    }

    private static <B extends QuicCodecBuilder<B>> B limits(B builder) {
        return builder.maxIdleTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .initialMaxData(8 * MEBIBYTE)
                .initialMaxStreamDataBidirectionalLocal(4 * MEBIBYTE)
                .initialMaxStreamDataBidirectionalRemote(4 * MEBIBYTE)
                .initialMaxStreamsBidirectional(10);
    }

    private static SegmentedDatagramPacketAllocator packets(boolean segmented) {
        return segmented
                ? new SegmentedDatagramPacketAllocator() {
                    @Override
                    public int maxNumSegments() {
                        return MAX_SEGMENTS;
                    }

                    @Override
                    public SegmentedDatagramPacket newPacket(ByteBuf buf, int segmentSize, InetSocketAddress remote) {
                        return new SegmentedDatagramPacket(buf, segmentSize, remote);
                    }
                }
                : SegmentedDatagramPacketAllocator.NONE;
    }

    /** Sends everything back, and ends its output with its input. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                // when all before it is sent: shutting down does not wait for that
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
        }
    }

    /** Everything up to the end of the stream. */
    private static final class Gatherer extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> result;

        Gatherer(CompletableFuture<byte[]> result) {
            this.result = result;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buf = (ByteBuf) message;
            bytes.writeBytes(ByteBufUtil.getBytes(buf));
            buf.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                result.complete(bytes.toByteArray());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            result.completeExceptionally(cause);
        }
    }
}
