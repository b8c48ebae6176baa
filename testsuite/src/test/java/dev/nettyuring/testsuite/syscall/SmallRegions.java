// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Files so small that they are copied, to a connection each, more than a loop may have copies of; then one that is in no disk's
 * page cache. The loop sends nothing else, so that the first file is what it first needs memory for.
 */
final class SmallRegions extends LoopScenario {
    private static final int FILES = 40;
    private static final int SMALL = 10_000;
    private static final int LARGE = 900_000;
    /** Read with no page cache in between, as the transport sees it. */
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    private final byte[] bytes = random(LARGE);
    private final Path small = Files.write(Files.createTempFile("region", null), Arrays.copyOf(bytes, SMALL));
    private final Path large = Files.write(Files.createTempFile(IN_MEMORY, "region", null), bytes);
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    /** So that there is memory for copies. */
    private final ByteBuf held;

    SmallRegions() throws Exception {
        held = await(loop().submit(() -> UringByteBufAllocator.DEFAULT.directBuffer(SMALL)));
    }

    @Override
    String use() throws Exception {
        Channel server = serve(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                accepted.add(context.channel());
            }
        });
        IOException failure = null;
        for (int i = 0; i < FILES; i++) {
            try {
                send(server, small, SMALL);
            } catch (IOException e) {
                failure = e;
            }
        }
        send(server, large, LARGE);
        if (failure != null) {
            throw failure;
        }
        return "every file arrived";
    }

    private void send(Channel server, Path file, int length) throws Exception {
        InetSocketAddress address = (InetSocketAddress) server.localAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.setSoTimeout((int) TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            Channel channel = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            ChannelFuture written = channel.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, length));
            byte[] arrived = client.getInputStream().readNBytes(length);
            await(written);
            if (!Arrays.equals(arrived, Arrays.copyOf(bytes, length))) {
                throw new IllegalStateException("CORRUPT: " + arrived.length + " bytes of " + length);
            }
        }
    }

    @Override
    public void close() throws Exception {
        await(loop().submit(() -> held.release()));
        super.close();
        Files.delete(small);
        Files.delete(large);
    }
}
