// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.DefaultFileRegion;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TransportInvariants.class)
class WriteTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void allKindsOfMessagesArriveInOrderAndTheirPromisesCompleteInOrder(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("region"), random(1, 700_000));
        List<Object> messages = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] bytes = random(i, 1 + i * 997 % 40_000);
            switch (i % 5) {
                case 0:
                    messages.add(Unpooled.wrappedBuffer(bytes));
                    break;
                case 1:
                    messages.add(Unpooled.directBuffer().writeBytes(bytes));
                    break;
                case 2:
                    messages.add(Unpooled.wrappedBuffer(
                            ByteBuffer.allocateDirect(bytes.length).put(bytes).flip()));
                    break;
                case 3:
                    messages.add(composite(bytes));
                    break;
                default:
                    messages.add(Unpooled.EMPTY_BUFFER);
                    messages.add(new DefaultFileRegion(file.toFile(), i * 1000L, 100_000));
                    messages.add(new DefaultFileRegion(file.toFile(), 0, 0));
                    messages.add(Unpooled.wrappedBuffer(bytes));
            }
        }
        byte[] all = content(messages, file);
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            Queue<Integer> completed = new ConcurrentLinkedQueue<>();
            channel.eventLoop().execute(() -> {
                for (int i = 0; i < messages.size(); i++) {
                    int number = i;
                    channel.write(messages.get(i)).addListener(future -> {
                        if (future.isSuccess()) {
                            completed.add(number);
                        }
                    });
                }
                channel.flush();
            });
            assertThat(client.getInputStream().readNBytes(all.length)).isEqualTo(all);
            await().atMost(LIMIT).until(() -> completed.size() == messages.size());
            assertThat(List.copyOf(completed)).isSorted();
        }
    }

    private static byte[] content(List<Object> messages, Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] fileBytes = Files.readAllBytes(file);
        for (Object message : messages) {
            if (message instanceof DefaultFileRegion) {
                DefaultFileRegion region = (DefaultFileRegion) message;
                out.write(fileBytes, (int) region.position(), (int) region.count());
            } else {
                ByteBuf buf = (ByteBuf) message;
                byte[] bytes = new byte[buf.readableBytes()];
                buf.getBytes(buf.readerIndex(), bytes);
                out.writeBytes(bytes);
            }
        }
        return out.toByteArray();
    }

    /** One buffer a byte for the first thousands: more parts than one system call takes. */
    private static ByteBuf composite(byte[] bytes) {
        CompositeByteBuf composite = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        int at = 0;
        while (at < bytes.length) {
            int length = at < 3000 ? 1 : bytes.length - at;
            ByteBuf part = Unpooled.directBuffer(length);
            composite.addComponent(true, part.writeBytes(bytes, at, length));
            at += length;
        }
        return composite;
    }

    @Test
    void whatWasFlushedBeforeCloseOrShutdownOutputIsSent() throws Exception {
        for (boolean close : new boolean[] {true, false}) {
            try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext context) {
                            context.writeAndFlush(Unpooled.wrappedBuffer(random(3, 50_000)));
                            if (close) {
                                context.close();
                            } else {
                                ((io.netty.channel.socket.DuplexChannel) context.channel()).shutdownOutput();
                            }
                        }
                    });
                    Socket client = tcp.connect()) {
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(random(3, 50_000));
            }
        }
    }

    /** Of few buffers, and of so many that they are tried without an operation first. */
    @ParameterizedTest
    @ValueSource(ints = {10, 40})
    void aListenerThatFlushesOrClosesInTheMiddleOfAGatheringWriteDuplicatesNothing(int count) throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.eventLoop().execute(() -> {
                for (int i = 0; i < count; i++) {
                    int number = i;
                    channel.write(Unpooled.buffer().writeByte(i)).addListener(future -> {
                        if (number < count - 1) {
                            channel.writeAndFlush(Unpooled.buffer().writeByte(100 + number));
                        } else {
                            channel.close();
                        }
                    });
                }
                channel.flush();
            });
            byte[] received = client.getInputStream().readAllBytes();
            byte[] first = new byte[count];
            for (int i = 0; i < count; i++) {
                first[i] = (byte) i;
            }
            assertThat(received).startsWith(first).doesNotHaveDuplicates();
        }
    }

    @Test
    void theChannelIsUnwritableWhileThePeerDoesNotReadAndWritableAgainAfterwards() throws Exception {
        CountDownLatch unwritable = new CountDownLatch(1);
        AtomicBoolean writableAgain = new AtomicBoolean();
        int size = 16 << 20;
        try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelWritabilityChanged(ChannelHandlerContext context) {
                        if (!context.channel().isWritable()) {
                            unwritable.countDown();
                        } else if (unwritable.getCount() == 0) {
                            writableAgain.set(true);
                        }
                    }
                });
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(random(5, size)));
            assertThat(unwritable.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(client.getInputStream().readNBytes(size)).isEqualTo(random(5, size));
            assertThat(written.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            await().atMost(LIMIT).untilTrue(writableAgain);
        }
    }

    @Test
    void aFailedWriteFailsItsPromiseAndThoseAfterItAndReleasesTheirBuffers() throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            Socket client = tcp.connect();
            Channel channel = tcp.accepted();
            List<ChannelFuture> futures = new ArrayList<>();
            List<ByteBuf> buffers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ByteBuf buf = Unpooled.directBuffer().writeBytes(new byte[1 << 20]);
                buffers.add(buf);
                futures.add(channel.writeAndFlush(buf));
            }
            client.setSoLinger(true, 0);
            client.close();
            assertThat(channel.closeFuture().await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            boolean failed = false;
            for (ChannelFuture future : futures) {
                assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(failed && future.isSuccess())
                        .as("a write after a failed one succeeded")
                        .isFalse();
                failed |= !future.isSuccess();
                if (failed) {
                    assertThat(future.cause()).isInstanceOf(IOException.class);
                }
            }
            assertThat(failed).isTrue();
            await().atMost(LIMIT).until(() -> buffers.stream().allMatch(buf -> buf.refCnt() == 0));
        }
    }

    /** Of few buffers, and of so many that they are tried without an operation first. */
    @ParameterizedTest
    @ValueSource(ints = {2, 40})
    void aBufferThatCannotBeReleasedStopsNoOtherWrite(int count) throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            List<ByteBuf> others = new ArrayList<>();
            for (int i = 1; i < count; i++) {
                others.add(Unpooled.directBuffer().writeByte(2));
            }
            List<ChannelFuture> futures = new ArrayList<>();
            channel.eventLoop()
                    .submit(() -> {
                        futures.add(channel.write(new UnreleasableBuf(1)));
                        others.forEach(other -> futures.add(channel.write(other)));
                        channel.flush();
                    })
                    .sync();
            for (ChannelFuture future : futures) {
                assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(future.cause()).isNull();
            }
            await().atMost(LIMIT).until(() -> others.stream().allMatch(other -> other.refCnt() == 0));
            channel.writeAndFlush(Unpooled.directBuffer().writeByte(3));
            client.setSoTimeout((int) LIMIT.toMillis());
            assertThat(client.getInputStream().readNBytes(count + 1))
                    .startsWith(1, 2)
                    .endsWith(2, 3);
        }
    }

    /**
     * The kernel gives a socket's error once: to the send, or to a receive that nobody has been told of when the send fails. Which
     * of them it is differs from time to time.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResetThatAReceiveFoundIsNotABrokenPipe(boolean region, @TempDir Path folder) throws Exception {
        byte[] bytes = random(16 << 20);
        File file = Files.write(folder.resolve("region"), bytes).toFile();
        Queue<Collector> collectors = new ConcurrentLinkedQueue<>();
        Supplier<ChannelHandler> handlers = () -> {
            Collector collector = new Collector();
            collectors.add(collector);
            return collector;
        };
        try (Tcp tcp = Tcp.serve(handlers)) {
            for (int i = 0; i < 30; i++) {
                Socket client = tcp.connect();
                Channel channel = tcp.accepted();
                ChannelFuture written = channel.writeAndFlush(
                        region ? new DefaultFileRegion(file, 0, bytes.length) : Unpooled.wrappedBuffer(bytes));
                awaitFull(channel); // a sendfile(2) that is under way loses the error
                client.getOutputStream().write(random(1000)); // may wake the receive first
                client.setSoLinger(true, 0);
                client.close();
                assertThat(written.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                Collector collector = collectors.remove();
                await().atMost(LIMIT).until(collector::isInactive);
                assertThat(collector.events() + ", " + written.cause()).contains("ECONNRESET");
            }
        }
    }

    /** Until the peer, who does not read, takes no more. */
    private static void awaitFull(Channel channel) throws Exception {
        Callable<Long> progress = () -> channel.unsafe().outboundBuffer().currentProgress();
        long before;
        long now = 0;
        do {
            before = now;
            TimeUnit.MILLISECONDS.sleep(20);
            now = channel.eventLoop().submit(progress).get();
        } while (now == 0 || now != before);
    }

    @Test
    void aFileThatBecameShorterThanItsRegionFailsTheWrite(@TempDir Path folder) throws Exception {
        File file = Files.write(folder.resolve("short"), random(1, 1000)).toFile();
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            ChannelFuture written = channel.writeAndFlush(new DefaultFileRegion(file, 0, 2000));
            assertThatThrownBy(() -> written.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aProgressListenerMayCloseTheChannelInTheMiddleOfARegion(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), random(3, 1 << 20));
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            ChannelProgressivePromise promise = channel.newProgressivePromise();
            promise.addListener(new ChannelProgressiveFutureListener() {
                @Override
                public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
                    future.channel().close();
                }

                @Override
                public void operationComplete(ChannelProgressiveFuture future) {}
            });
            channel.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, 1 << 20), promise);
            assertThat(promise.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(promise.cause()).isInstanceOf(ClosedChannelException.class);
            channel.closeFuture().sync();
        }
    }

    @Test
    void writesFromManyThreadsKeepEachThreadsOrder() throws Exception {
        int threads = 4;
        int each = 5000;
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                new Thread(() -> {
                            for (int i = 0; i < each; i++) {
                                channel.writeAndFlush(channel.alloc()
                                        .buffer(8)
                                        .writeInt(thread)
                                        .writeInt(i));
                            }
                        })
                        .start();
            }
            ByteBuffer received = ByteBuffer.wrap(client.getInputStream().readNBytes(threads * each * 8));
            int[] next = new int[threads];
            while (received.hasRemaining()) {
                int thread = received.getInt();
                assertThat(received.getInt()).isEqualTo(next[thread]++);
            }
        }
    }
}
