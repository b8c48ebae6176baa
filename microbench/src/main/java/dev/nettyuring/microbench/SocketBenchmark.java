// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A message from the socket to {@code channelRead}, and from {@code write} to the socket, on each transport. The benchmark's
 * thread is the event loop's, and the peer's too, so that the figures are sums of both sides' system calls and whatever
 * lies between; with {@code -prof gc}, what a read or a write leaves to the garbage collector.
 */
@State(Scope.Thread)
public class SocketBenchmark extends BufferBenchmark {
    private static final int MESSAGE_BYTES = 64;

    /** Whose channels. */
    @Param
    public Transport transport;

    private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final Server handler = new Server();
    private ManualIoEventLoop loop;
    private SocketChannel peer;

    /** Connects. */
    @Setup
    public void setUp() throws IOException {
        loop = new ManualIoEventLoop(Thread.currentThread(), transport.handlers());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channel(transport.serverChannel())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler);
                    }
                });
        transport.configureConnections(bootstrap, false);
        ChannelFuture bound = bootstrap.bind(InetAddress.getLoopbackAddress(), 0);
        await(bound);
        peer = SocketChannel.open(bound.channel().localAddress());
        peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
        peer.configureBlocking(false);
        while (handler.context == null) {
            loop.runNow();
        }
    }

    private void await(Future<?> future) {
        while (!future.isDone()) {
            loop.runNow();
        }
    }

    /** The peer sends a message, the handler gets and releases it. */
    @Benchmark
    public long read() throws IOException {
        handler.echoes = false;
        send();
        long wanted = handler.received + MESSAGE_BYTES;
        while (handler.received < wanted) {
            loop.runNow();
        }
        return wanted;
    }

    /** The handler sends it back, the peer receives it. */
    @Benchmark
    public int readAndWrite() throws IOException {
        handler.echoes = true;
        send();
        message.clear();
        while (message.hasRemaining()) {
            loop.runNow();
            peer.read(message);
        }
        return message.position();
    }

    private void send() throws IOException {
        message.clear();
        while (message.hasRemaining()) {
            peer.write(message);
        }
    }

    /** Ends the loop. */
    @TearDown
    public void tearDown() throws IOException {
        peer.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }

    private static final class Server extends ChannelInboundHandlerAdapter {
        private ChannelHandlerContext context;
        private boolean echoes;
        private long received;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            this.context = context;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buf = (ByteBuf) message;
            received += buf.readableBytes();
            if (echoes) {
                context.write(buf, context.voidPromise());
            } else {
                buf.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (echoes) {
                context.flush();
            }
        }
    }
}
