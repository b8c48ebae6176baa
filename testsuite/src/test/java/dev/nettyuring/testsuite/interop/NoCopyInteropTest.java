// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.Slab;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.ring.Feature;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.util.ReferenceCountUtil;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a handler gets of a request's body lies where the kernel wrote it: in a slab. Nothing on the way has copied it, neither
 * the transport, which would count it, nor the codec, whose memory is not in a slab.
 */
@ExtendWith(LeakCheck.class)
class NoCopyInteropTest {
    private static final int FILE_BYTES = 50 << 20;
    private static final int MAX_AGGREGATED_BYTES = 1 << 20;
    private static final int TIMEOUT_MILLIS = 10_000;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int END_HEADERS = 4;
    private static final int FRAME_HEADER_BYTES = 9;

    @TempDir
    private Path directory;

    private final UringLoops loops = new UringLoops(1, MAX_AGGREGATED_BYTES);
    private final AtomicLong bytesInSlabs = new AtomicLong();
    private final AtomicLong bytesElsewhere = new AtomicLong();
    private int port;

    @BeforeEach
    void checkFeatures() {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        assumeFalse("ALLOCATE".equals(System.getProperty("dev.nettyuring.exhaustion")), "buffers may be allocated");
    }

    @AfterEach
    void nothingWasCopied() {
        loops.close();
        assertThat(bytesElsewhere).as("bytes that do not lie in a slab").hasValue(0);
        assertThat(loops.copiedPieces()).as("pieces that the transport copied").isZero();
        assertThat(loops.allocatedReceives())
                .as("receives into other memory than slabs")
                .isZero();
    }

    private void serve(Consumer<ChannelPipeline> protocol) {
        Channel listener = new ServerBootstrap()
                .group(loops.group())
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                locate((ByteBuf) message, new AtomicLong());
                                context.fireChannelRead(message);
                            }
                        });
                        protocol.accept(channel.pipeline());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        port = ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Counts the readable bytes by where each part of them begins. */
    private void locate(ByteBuf buf, AtomicLong inSlabs) {
        for (ByteBuffer part : buf.nioBuffers()) {
            if (part.hasRemaining()) {
                boolean inSlab = Slab.at(Native.directBufferAddress(part) + part.position()) != null;
                (inSlab ? inSlabs : bytesElsewhere).addAndGet(part.remaining());
            }
        }
    }

    /** Locates a body's pieces, and answers with their checksum. */
    private final class Http1Handler extends ChannelInboundHandlerAdapter {
        private final MessageDigest digest = Payload.newDigest();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpContent content) {
                locate(content.content(), bytesInSlabs);
                for (ByteBuffer part : content.content().nioBuffers()) {
                    digest.update(part);
                }
            }
            if (message instanceof LastHttpContent) {
                byte[] answer = Payload.hex(digest.digest()).getBytes(StandardCharsets.US_ASCII);
                DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        context.alloc().directBuffer().writeBytes(answer));
                HttpUtil.setContentLength(response, answer.length);
                context.writeAndFlush(response);
            }
            ReferenceCountUtil.release(message);
        }
    }

    private String upload(Path file, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-H", "Expect:", "-T", file.toString(), "http://127.0.0.1:" + port + "/upload"));
        return new String(Curl.run(arguments), StandardCharsets.US_ASCII);
    }

    private Path file(int bytes) throws Exception {
        return Files.write(directory.resolve("upload"), Payload.bytes(bytes));
    }

    @Test
    void ofAFileUpload() throws Exception {
        serve(pipeline -> pipeline.addLast(new HttpServerCodec()).addLast(new Http1Handler()));
        assertThat(upload(file(FILE_BYTES), "--http1.1")).isEqualTo(Payload.sha256(Payload.bytes(FILE_BYTES)));
        assertThat(bytesInSlabs).hasValue(FILE_BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Payload.MEDIUM})
    void ofAnAggregatedRequest(int bytes) throws Exception {
        serve(pipeline -> pipeline.addLast(new HttpServerCodec())
                .addLast(new HttpObjectAggregator(MAX_AGGREGATED_BYTES))
                .addLast(new Http1Handler()));
        assertThat(upload(file(bytes), "--http1.1")).isEqualTo(Payload.sha256(Payload.bytes(bytes)));
        assertThat(bytesInSlabs).hasValue(bytes);
    }

    /** Locates the content of DATA frames, answers each with a PING, and the last with the checksum. */
    private final class Http2Handler extends ChannelInboundHandlerAdapter {
        private final MessageDigest digest = Payload.newDigest();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http2DataFrame data) {
                locate(data.content(), bytesInSlabs);
                for (ByteBuffer part : data.content().nioBuffers()) {
                    digest.update(part);
                }
                context.write(
                        new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes()).stream(data.stream()));
                context.writeAndFlush(new DefaultHttp2PingFrame(0));
                if (data.isEndStream()) {
                    context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"))
                            .stream(data.stream()));
                    ByteBuf answer = context.alloc().directBuffer();
                    answer.writeCharSequence(Payload.hex(digest.digest()), StandardCharsets.US_ASCII);
                    context.writeAndFlush(new DefaultHttp2DataFrame(answer, true).stream(data.stream()));
                }
            }
            ReferenceCountUtil.release(message);
        }
    }

    private static Http2FrameCodec http2Codec() {
        return Http2FrameCodecBuilder.forServer().build();
    }

    /**
     * Netty's decoders merge a frame that did not arrive in one piece with what comes next, which copies both; told to
     * compose instead, they copy nothing.
     */
    @Test
    void ofAnHttp2StreamWhoseFramesArriveInWhateverPieces() throws Exception {
        serve(pipeline -> {
            Http2FrameCodec codec = http2Codec();
            codec.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
            pipeline.addLast(codec).addLast(new Http2Handler());
        });
        assertThat(upload(file(Payload.LARGE), "--http2-prior-knowledge"))
                .isEqualTo(Payload.sha256(Payload.bytes(Payload.LARGE)));
        assertThat(bytesInSlabs).hasValue(Payload.LARGE);
    }

    @Test
    void ofHttp2FramesThatArriveInOnePiece() throws Exception {
        byte[] body = Payload.bytes(3_000); // with its header in the smallest receive buffer that is the default
        assumeTrue(System.getProperty("dev.nettyuring.receiveBufferSize") == null, "a frame might come in pieces");
        serve(pipeline -> pipeline.addLast(http2Codec()).addLast(new Http2Handler()));
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            DataInputStream in = new DataInputStream(client.getInputStream());
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(frame(SETTINGS, 0, 0, new byte[0]));
            // :method POST, :scheme http, :path /
            out.write(frame(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0x83, (byte) 0x86, (byte) 0x84}));
            for (int i = 0; i < 3; i++) {
                out.write(frame(DATA, 0, 1, body));
                awaitFrame(in, PING);
            }
        }
        assertThat(bytesInSlabs).hasValue(3 * body.length);
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(FRAME_HEADER_BYTES + payload.length)
                .putShort((short) (payload.length >> Byte.SIZE))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static void awaitFrame(DataInputStream in, int wanted) throws Exception {
        int type;
        do {
            int length = in.readUnsignedShort() << Byte.SIZE | in.readUnsignedByte();
            type = in.readUnsignedByte();
            in.readNBytes(1 + Integer.BYTES + length);
        } while (type != wanted);
    }
}
