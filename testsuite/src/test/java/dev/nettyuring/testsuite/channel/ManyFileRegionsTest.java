// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two thousand connections, each of which downloads a file: what that takes is bounded, and none waits for another. */
@ExtendWith(TransportInvariants.class)
class ManyFileRegionsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 2_000;
    private static final int SLOW_ONES = 1_000;
    private static final int SOCKET_BUFFER = 16 << 10;
    private static final int LOOPS = 4;
    private static final int WORKERS_A_LOOP = 2 * 4;
    private static final long CHUNK_BYTES_A_LOOP = 32 * (256L << 10);

    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    static Path folder;

    private final FileRegions regions = new FileRegions();
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger spoiled = new AtomicInteger();
    private final AtomicLong mostMemory = new AtomicLong();
    private final AtomicInteger mostWorkers = new AtomicInteger();
    private long expected;

    @ChannelHandler.Sharable
    private static final class FileRegions extends ChannelInboundHandlerAdapter {
        final ConcurrentLinkedQueue<FileRegion> sent = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        volatile Path file;
        volatile int bytes;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            FileRegion region = new DefaultFileRegion(file.toFile(), 0, bytes);
            sent.add(region);
            context.writeAndFlush(region).addListener(done -> {
                if (!done.isSuccess()) {
                    failures.add(done.cause());
                }
            });
        }
    }

    /** Reads, if it reads at all, until it has the file, and compares. */
    private final class Download extends SimpleChannelInboundHandler<ByteBuf> {
        private final CRC32 sum = new CRC32();
        private int count;

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            count += message.readableBytes();
            for (ByteBuffer part : message.nioBuffers()) {
                sum.update(part);
            }
            if (count == regions.bytes) {
                if (sum.getValue() != expected) {
                    spoiled.incrementAndGet();
                }
                received.incrementAndGet();
            }
        }
    }

    private Channel connect(Tcp tcp, boolean reads) throws InterruptedException {
        return new Bootstrap()
                .group(TransportInvariants.loops().nio())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT) // the other's memory is looked at
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .option(ChannelOption.AUTO_READ, reads)
                .handler(new Download())
                .connect(tcp.address())
                .sync()
                .channel();
    }

    /** The small one is read, the large one is spliced: from a file system that does not tell what it could give at once. */
    @ParameterizedTest
    @ValueSource(ints = {200_001, 1_500_001})
    void thousandsOfRegionsTakeFewThreadsAndLittleMemory(int fileBytes) throws Exception {
        assumeTrue(Files.isWritable(MEMORY), "there is no " + MEMORY);
        Path file = Files.createTempFile(MEMORY, "regions", null);
        try {
            assumeFalse(CachedFiles.areTold(file), "the file system tells what is cached");
            Files.write(file, TestBytes.random(fileBytes));
            downloadByThousands(file);
        } finally {
            Files.delete(file);
        }
        assertThat(mostWorkers.get()).isLessThanOrEqualTo(LOOPS * WORKERS_A_LOOP);
        assertThat(mostMemory.get()).isLessThanOrEqualTo(LOOPS * CHUNK_BYTES_A_LOOP);
        assertThat(mostWorkers.get() + mostMemory.get()).isPositive();
    }

    @Test
    void thousandsOfCachedRegionsTakeNoMemory() throws Exception {
        Path file = Files.write(folder.resolve("file"), TestBytes.random(1_500_001));
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        try (CachedFiles.Held held = CachedFiles.hold(file)) {
            downloadByThousands(file);
        }
        assertThat(mostMemory).hasValue(0);
    }

    private void downloadByThousands(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        regions.bytes = bytes.length;
        CRC32 sum = new CRC32();
        sum.update(bytes);
        expected = sum.getValue();
        regions.file = file;
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER);
        long before = UringByteBufAllocator.DEFAULT.bytesInUse();
        try (Tcp tcp = Tcp.serve(bootstrap, () -> regions)) {
            List<Channel> clients = new ArrayList<>();
            for (int i = 0; i < SLOW_ONES; i++) {
                clients.add(connect(tcp, false));
            }
            await().atMost(LIMIT).until(() -> regions.sent.size() == SLOW_ONES);
            for (int i = SLOW_ONES; i < CONNECTIONS; i++) {
                clients.add(connect(tcp, true));
            }
            await("the fast ones, whatever the slow ones do")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        look(before);
                        return received.get() == CONNECTIONS - SLOW_ONES;
                    });
            clients.forEach(client -> client.config().setAutoRead(true));
            await("the slow ones")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        look(before);
                        return received.get() == CONNECTIONS;
                    });
            for (Channel client : clients) {
                client.close().sync();
            }
        }
        assertThat(regions.failures).isEmpty();
        assertThat(spoiled).hasValue(0);
        assertThat(regions.sent).allMatch(region -> region.transferred() == regions.bytes && region.refCnt() == 0);
    }

    private void look(long memoryBefore) throws IOException {
        mostMemory.accumulateAndGet(UringByteBufAllocator.DEFAULT.bytesInUse() - memoryBefore, Math::max);
        mostWorkers.accumulateAndGet(KernelWorkers.count(), Math::max);
    }
}
