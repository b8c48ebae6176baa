// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Large files whose way leads through a pipe, filled by one of the kernel's workers while other things happen. */
@ExtendWith(TransportInvariants.class)
class PipedFileTest {
    /** A pipe is worth while, and takes a part of it at a time. */
    private static final int LARGE = 1 << 20;

    private static final int TIMES = 8;
    private static final int NONE = -1;

    @TempDir
    private Path folder;

    private EventLoopGroup group;
    private Tcp tcp;
    private int duplicate = NONE;

    @BeforeEach
    void serve() throws Exception {
        group = new MultiThreadIoEventLoopGroup(
                1, OlderKernel.without(UringConfig.DEFAULT, EnumSet.of(Feature.CACHESTAT)));
        tcp = Tcp.serve(
                new ServerBootstrap().group(group).childOption(ChannelOption.WRITE_SPIN_COUNT, 1),
                ChannelInboundHandlerAdapter::new);
    }

    @AfterEach
    void close() throws Exception {
        if (duplicate >= 0) {
            Native.close(duplicate);
        }
        tcp.close();
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    }

    private Path file(String name, byte[] bytes) throws Exception {
        return Files.write(folder.resolve(name), bytes);
    }

    private static DefaultFileRegion region(Path file) {
        return new DefaultFileRegion(file.toFile(), 0, LARGE);
    }

    private static ChannelFuture done(ChannelFuture future) throws InterruptedException {
        assertThat(future.await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return future;
    }

    /** The output is shut down while a part of the file is on its way to the pipe. */
    private void abandon(Path file) throws Exception {
        try (Socket client = tcp.connect()) {
            SocketChannel channel = (SocketChannel) tcp.accepted();
            ChannelFuture unsent = group.next()
                    .submit(() -> {
                        ChannelFuture written = channel.writeAndFlush(region(file));
                        channel.shutdownOutput();
                        return written;
                    })
                    .get(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(done(unsent).isSuccess()).isFalse();
            assertThat(client.getInputStream().readAllBytes()).hasSizeLessThan(LARGE);
            done(channel.close());
        }
    }

    @Test
    void whatOneConnectionDidNotSendDoesNotGoToAnother() throws Exception {
        Path unsent = file("unsent", random(1, LARGE));
        byte[] bytes = random(2, LARGE);
        Path sent = file("sent", bytes);
        for (int i = 0; i < TIMES; i++) {
            abandon(unsent);
            try (Socket client = tcp.connect()) {
                SocketChannel channel = (SocketChannel) tcp.accepted();
                ChannelFuture written = channel.writeAndFlush(region(sent));
                assertThat(client.getInputStream().readNBytes(LARGE)).isEqualTo(bytes);
                assertThat(done(written).cause()).isNull();
                done(channel.close());
            }
        }
    }

    /** In one task of the loop, so that the kernel does not know of the file before its number is the stranger's. */
    private ChannelFuture writeAndClose(SocketChannel channel, FileChannel file, FileChannel stranger)
            throws Exception {
        return group.next()
                .submit(() -> {
                    int number = RegionFields.fd(file);
                    ChannelFuture written = channel.writeAndFlush(new DefaultFileRegion(file, 0, LARGE));
                    file.close();
                    duplicate = Native.fcntl(RegionFields.fd(stranger), SocketAbi.F_DUPFD_CLOEXEC, number);
                    assertThat(duplicate).as("the number of the descriptor").isEqualTo(number);
                    return written;
                })
                .get(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void ofAFileThatIsClosedMeanwhileNoOtherIsSentThatHasItsNumber() throws Exception {
        Path file = file("file", random(1, LARGE));
        Path other = file("stranger", random(2, LARGE));
        try (Socket client = tcp.connect();
                FileChannel closing = FileChannel.open(file);
                FileChannel stranger = FileChannel.open(other)) {
            SocketChannel channel = (SocketChannel) tcp.accepted();
            ChannelFuture written = writeAndClose(channel, closing, stranger);
            assertThat(done(written).cause()).isInstanceOf(ClosedChannelException.class);
            done(channel.close());
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
    }
}
