// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Answers every request with one file, as a region, on each transport, for a load generator beside it:
 * {@code FileServer uring|nio|epoll|netty-io_uring PORT BYTES}. It serves until it is killed.
 */
public final class FileServer {
    private static final int BACKLOG = 4096;

    private FileServer() {}

    /** Starts the server on 127.0.0.1. */
    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            System.err.println("usage: FileServer " + Transport.names() + " PORT BYTES");
            System.exit(2);
        }
        Transport transport = Transport.named(args[0]);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new Download(Long.parseLong(args[2])))
                .bind("127.0.0.1", Integer.parseInt(args[1]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** A request is one piece, which ends with a line feed. */
    @ChannelHandler.Sharable
    private static final class Download extends SimpleChannelInboundHandler<ByteBuf> {
        private final FileChannel file;
        private final long bytes;
        private final ByteBuf head;

        Download(long bytes) throws Exception {
            this.bytes = bytes;
            Path path = Files.createTempFile("download", null);
            byte[] piece = new byte[1 << 20];
            try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
                for (long at = 0; at < bytes; at += piece.length) {
                    out.write(piece, 0, (int) Math.min(piece.length, bytes - at)); // no holes
                }
            }
            file = FileChannel.open(path);
            Files.delete(path);
            byte[] text =
                    ("HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
            head = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(text.length).writeBytes(text).asReadOnly());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf request) {
            if (request.getByte(request.writerIndex() - 1) == '\n') {
                DefaultFileRegion region = new DefaultFileRegion(file, 0, bytes) {
                    @Override
                    protected void deallocate() {
                        // the file is for the next request, too
                    }
                };
                context.write(head.duplicate());
                context.writeAndFlush(region);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
