// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Reading, and writing with the void promise, leave nothing to the garbage collector, once everything that is pooled is there. In
 * a process without leak detection, which allocates, and without Java's optimizing compiler, which hides what is allocated.
 */
@Timeout(120)
class GarbageTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"tcp, AUTO", "tcp, ALWAYS", "unix, AUTO"})
    void readsAndWritesAllocateNothing(String family, String zeroCopy) throws Exception {
        String output = JavaProcess.output(
                folder,
                List.of(),
                List.of("-Dio.netty.leakDetection.level=disabled", "-Ddev.nettyuring.zeroCopy=" + zeroCopy),
                Program.class,
                family,
                folder.resolve("socket").toString());
        assertThat(output).isEqualTo("read: 0 bytes\nread and write: 0 bytes\n");
    }

    /** What allocates is said on standard output. The loop's thread is the program's, and the peer's too. */
    static final class Program extends ChannelInboundHandlerAdapter {
        private static final int MESSAGE_BYTES = 64;
        private static final int WARM_UP_ROUNDS = 2_000;
        private static final int ROUNDS = 2_000;
        /** Further attempts, should the JVM itself have allocated on this thread, as when it links what is run first. */
        private static final int ATTEMPTS = 3;

        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final ManualIoEventLoop loop =
                new ManualIoEventLoop(Thread.currentThread(), UringIoHandler.newFactory());
        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
        private SocketChannel peer;
        private boolean active;
        private boolean echoes;
        private long received;

        public static void main(String[] args) throws Exception {
            Callable<Void> program = () -> new Program().run(args[0].equals("unix"), args[1]);
            FutureTask<Void> task = new FutureTask<>(program);
            new DefaultThreadFactory("loop").newThread(task).start(); // Netty pools objects of threads that it made
            task.get();
        }

        private Void run(boolean unix, String file) throws IOException {
            SocketAddress server = unix
                    ? listen(UringServerDomainSocketChannel.class, new DomainSocketAddress(file))
                    : listen(
                            UringServerSocketChannel.class, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            peer = SocketChannel.open(unix ? UnixDomainSocketAddress.of(file) : server);
            peer.configureBlocking(false);
            while (!active) {
                loop.runNow();
            }
            System.out.println("read: " + allocated() + " bytes");
            echoes = true;
            System.out.println("read and write: " + allocated() + " bytes");
            peer.close();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            while (!loop.isTerminated()) {
                loop.runNow();
            }
            return null;
        }

        private SocketAddress listen(Class<? extends ServerChannel> type, SocketAddress address) {
            ChannelFuture bound = new ServerBootstrap()
                    .group(loop)
                    .channel(type)
                    .childHandler(this)
                    .bind(address);
            while (!bound.isDone()) {
                loop.runNow();
            }
            return bound.channel().localAddress();
        }

        private long allocated() throws IOException {
            rounds(WARM_UP_ROUNDS);
            long bytes = Long.MAX_VALUE;
            for (int i = 0; i < ATTEMPTS && bytes > 0; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                rounds(ROUNDS);
                bytes = threads.getCurrentThreadAllocatedBytes() - before;
            }
            return bytes;
        }

        private void rounds(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                long wanted = received + MESSAGE_BYTES;
                message.clear();
                while (message.hasRemaining()) {
                    peer.write(message);
                }
                while (received < wanted) {
                    loop.runNow();
                }
                message.clear();
                while (echoes && message.hasRemaining()) {
                    loop.runNow();
                    peer.read(message);
                }
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            active = true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            ByteBuf buf = (ByteBuf) read;
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
