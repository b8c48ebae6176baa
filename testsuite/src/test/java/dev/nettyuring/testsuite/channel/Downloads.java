// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * {@code Downloads FILE CACHED BYTES[xTIMES]...}: a program that sends a file's first bytes, that many, behind some of a buffer, and
 * compares what arrives; for tests that look at its system calls, or disturb them. Unless {@code CACHED} is {@code true} it
 * has the kernel drop the file from the page cache before each.
 */
final class Downloads {
    /** What it prints when every byte has arrived. */
    static final String DONE = "every byte has arrived";

    private static final int LIMIT_MILLIS = 60_000;
    private static final byte[] HEADER = TestBytes.random(10);

    private Downloads() {}

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.nettyuring")).setLevel(Level.WARN);
        Path file = Path.of(args[0]);
        boolean cached = Boolean.parseBoolean(args[1]);
        byte[] expected = Files.readAllBytes(file);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        Sender sender = new Sender(file);
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(sender)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        for (String download : Arrays.asList(args).subList(2, args.length)) {
            String[] numbers = download.split("x");
            sender.count = Integer.parseInt(numbers[0]);
            sender.times = numbers.length > 1 ? Integer.parseInt(numbers[1]) : 1;
            if (!cached) {
                drop(file);
            }
            check((InetSocketAddress) server.localAddress(), expected, sender);
        }
        group.shutdownGracefully(0, LIMIT_MILLIS, TimeUnit.MILLISECONDS).sync();
        System.out.println(DONE);
    }

    private static void drop(Path file) throws Exception {
        Process dd = new ProcessBuilder(
                        "dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                .inheritIO()
                .start();
        if (dd.waitFor() != 0) {
            throw new IOException("dd failed");
        }
    }

    private static void check(InetSocketAddress address, byte[] expected, Sender sender) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.connect(address, LIMIT_MILLIS);
            for (int i = 0; i < sender.times; i++) {
                check(socket.getInputStream().readNBytes(HEADER.length), HEADER, HEADER.length);
                check(socket.getInputStream().readNBytes(sender.count), expected, sender.count);
            }
            check(socket.getInputStream().readAllBytes(), expected, 0);
        }
    }

    private static void check(byte[] received, byte[] expected, int count) {
        if (received.length != count || !Arrays.equals(received, 0, count, expected, 0, count)) {
            throw new IllegalStateException(received.length + " bytes of " + count + ", or they differ");
        }
    }

    @ChannelHandler.Sharable
    private static final class Sender extends ChannelInboundHandlerAdapter {
        private final Path file;
        volatile int count;
        volatile int times;

        Sender(Path file) {
            this.file = file;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context, times);
        }

        private void send(ChannelHandlerContext context, int left) {
            if (left == 0) {
                context.close();
                return;
            }
            context.write(Unpooled.directBuffer().writeBytes(HEADER));
            context.write(new DefaultFileRegion(file.toFile(), 0, count));
            context.writeAndFlush(Unpooled.EMPTY_BUFFER) // as behind a response of HTTP's
                    .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE)
                    .addListener(sent -> context.executor().execute(() -> send(context, left - 1)));
        }
    }
}
