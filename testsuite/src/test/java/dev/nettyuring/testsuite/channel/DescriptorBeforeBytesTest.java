// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.StandingLoop;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes are to go past the pipeline, and a file descriptor that was on its way comes first. */
@ExtendWith(TransportInvariants.class)
class DescriptorBeforeBytesTest {
    private final CompletableFuture<FileDescriptor> descriptor = new CompletableFuture<>();
    private final ByteBuf buffer = Unpooled.directBuffer(10, 10);
    private EventLoopGroup othersLoop;
    private Domain domain;
    private UringDomainSocketChannel sender;
    private UringDomainSocketChannel channel;

    /** Leaves a receive armed that takes a descriptor. */
    @BeforeEach
    void connect() throws Exception {
        othersLoop = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, Reader::new);
        sender = (UringDomainSocketChannel) new Bootstrap()
                .group(othersLoop)
                .channel(UringDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(domain.address())
                .sync()
                .channel();
        channel = domain.accepted();
        channel.eventLoop().submit(() -> {}).sync();
        AutoRead.off(channel);
    }

    @AfterEach
    void close() throws Exception {
        channel.close().sync();
        domain.close();
        othersLoop.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        buffer.release();
    }

    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            descriptor.complete((FileDescriptor) message);
        }
    }

    private static Throwable causeOf(Future<?> future) throws InterruptedException {
        assertThat(future.await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).as("done").isTrue();
        return future.cause();
    }

    /** Has another channel call for the bytes when the kernel has told of a descriptor, but the loop has not come to that yet. */
    private Throwable failureOf(Supplier<Future<?>> taking) throws Exception {
        CompletableFuture<Future<?>> taken = new CompletableFuture<>();
        try (ServerSocket elsewhere = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            new Bootstrap()
                    .group(channel.eventLoop())
                    .channel(UringSocketChannel.class)
                    .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
                            channel.config().setReadMode(DomainSocketReadMode.BYTES);
                            taken.complete(taking.get());
                        }
                    })
                    .connect(elsewhere.getLocalSocketAddress())
                    .sync();
            try (Socket peer = elsewhere.accept()) {
                try (StandingLoop standing = new StandingLoop(channel.eventLoop())) {
                    peer.getOutputStream().write(1);
                    sender.writeAndFlush(sender).sync();
                }
                return causeOf(taken.get(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    private void bytesAreReadAfterTheDescriptor() throws Exception {
        channel.read();
        descriptor.get(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).close();
        sender.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {5})).sync();
        assertThat(causeOf(channel.readInto(buffer))).isNull();
        assertThat(buffer.readByte()).isEqualTo((byte) 5);
    }

    @Test
    void aReadIntoABufferFails() throws Exception {
        assertThat(failureOf(() -> channel.readInto(buffer)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file descriptors");
        bytesAreReadAfterTheDescriptor();
    }

    @Test
    void aSpliceFails() throws Exception {
        UringDomainSocketChannel target = domain.connect(new ChannelInboundHandlerAdapter());
        assertThat(failureOf(() -> channel.spliceTo(target, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file descriptors");
        bytesAreReadAfterTheDescriptor();
        target.close().sync();
    }
}
