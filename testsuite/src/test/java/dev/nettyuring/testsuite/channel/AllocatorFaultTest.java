// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.ReceivePool;
import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultMaxBytesRecvByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a user's pool or allocator throws or says, the event loop goes on, and nothing that was sent is lost. */
@ExtendWith(TransportInvariants.class)
class AllocatorFaultTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(200);
    /** In bytes. */
    private static final int MESSAGE = 10;

    private static final int SOME_BYTES = 100_000;
    private static final int MANY_BYTES = 1 << 20;
    private static final int BULK_BYTES = 24 << 20;
    private static final int BUFFER_SIZE = 16 << 10;
    private static final int BULK_BUFFER_SIZE = 512 << 10;
    /** As in Netty's own channels. */
    private static final int MESSAGES_A_LOOP = 16;

    private static final byte[] SENT = random(BULK_BYTES);

    private interface Course {
        void run(Tcp tcp) throws Exception;
    }

    /** On a loop of its own. */
    private static void with(IoHandlerFactory factory, ServerBootstrap server, Course course) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, factory);
        UringMetrics metrics = UringMetrics.of(loops.next());
        try (Tcp tcp = Tcp.serve(server.group(loops), Reader::new)) {
            course.run(tcp);
        } finally {
            assertThat(loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        assertThat(metrics.operationsInFlight()).isZero();
        assertThat(metrics.receiveBuffers(BufferState.KERNEL)).isZero();
        assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isZero();
    }

    private static ServerBootstrap server(RecvByteBufAllocator allocator) {
        return new ServerBootstrap().childOption(ChannelOption.RECVBUF_ALLOCATOR, allocator);
    }

    /** Whether messages share a buffer, or each takes a whole one. */
    private static IoHandlerFactory provided(boolean shared, UringConfig config) {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        return shared ? UringIoHandler.newFactory(config) : OlderKernel.withoutIncrementalRings(config);
    }

    private static IoHandlerFactory providedOrNot(boolean provided) {
        return provided
                ? UringIoHandler.newFactory(UringConfig.DEFAULT)
                : OlderKernel.withoutBufferRings(UringConfig.DEFAULT);
    }

    /** A connection, and who reads what its peer sends: the beginning of what all peers send. */
    private static final class Connection implements AutoCloseable {
        private final Socket peer;
        private final Channel channel;
        private final Reader reader;

        Connection(Tcp tcp) throws Exception {
            peer = tcp.connect();
            channel = tcp.accepted();
            reader = channel.pipeline().get(Reader.class);
        }

        /** Sends what is missing to so many bytes. */
        Background begin(int count) {
            int sent = reader.count();
            return Background.run(() -> peer.getOutputStream().write(SENT, sent, count - sent));
        }

        /** The same, and returns when they have been read. */
        void send(int count) throws Exception {
            Background writer = begin(count);
            await().atMost(LIMIT).until(() -> reader.count() == count);
            writer.join();
        }

        void end() throws IOException {
            peer.shutdownOutput();
            await().atMost(LIMIT).until(reader::isInactive);
        }

        void assertLoopRuns() throws Exception {
            assertThat(channel.eventLoop().submit(() -> true).get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }

        void assertInOrder() {
            assertThat(reader.bytes()).isEqualTo(Arrays.copyOf(SENT, reader.count()));
        }

        @Override
        public void close() throws IOException {
            peer.close();
            reader.letGo();
        }
    }

    /** Counts the read loops. */
    private static final class Reader extends PieceKeeper {
        private final AtomicInteger completes = new AtomicInteger();
        private volatile boolean closing;

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            completes.incrementAndGet();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            super.exceptionCaught(context, cause);
            if (closing) {
                context.close();
            }
        }

        /** Closes its channel when it is told of an exception. */
        void closeAtException() {
            closing = true;
        }

        int completes() {
            return completes.get();
        }

        List<Object> exceptions() {
            return events().stream().filter(Throwable.class::isInstance).toList();
        }
    }

    /** Has memory for a few slabs, and throws what Netty does at the limit of direct memory. */
    private static final class SmallPool implements ReceivePool {
        private final AtomicInteger refusals = new AtomicInteger();
        private volatile int slabs;

        SmallPool(int slabs) {
            this.slabs = slabs;
        }

        /** Any thread, once it refused. */
        void haveMore() {
            slabs = Integer.MAX_VALUE;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one loop asks
        public ByteBuf allocate(int bytes) {
            if (slabs == 0) {
                refusals.incrementAndGet();
                throw new OutOfMemoryError("the test's");
            }
            slabs--;
            return Unpooled.directBuffer(bytes);
        }
    }

    private static UringConfig.Builder pausing(ReceivePool pool) {
        return UringConfig.builder().exhaustion(UringConfig.Exhaustion.PAUSE).receivePool(pool);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereThePoolHasNoMoreReadingWaitsForWhatIsReleased(boolean shared) throws Exception {
        SmallPool pool = new SmallPool(1);
        UringConfig config = pausing(pool)
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(64 * BUFFER_SIZE)
                .slabSize(4 * BUFFER_SIZE)
                .build();
        with(provided(shared, config), new ServerBootstrap(), tcp -> {
            try (Connection hoarding = new Connection(tcp);
                    Connection other = new Connection(tcp)) {
                hoarding.reader.keep(size -> true);
                Background writer = hoarding.begin(MANY_BYTES);
                await().atMost(LIMIT).until(hoarding.reader::isExhausted);
                assertThat(pool.refusals).hasPositiveValue();
                assertThat(hoarding.reader.count()).isLessThan(MANY_BYTES);
                hoarding.assertLoopRuns();
                hoarding.reader.letGo();
                await().atMost(LIMIT).until(() -> hoarding.reader.count() == MANY_BYTES);
                writer.join();
                hoarding.assertInOrder();
                other.send(MESSAGE);
                other.assertInOrder();
            }
        });
    }

    /** Who keeps all that there was waits for more, and so releases nothing; and the loop has nothing to do for an hour. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readingGoesOnWhenThePoolHasMoreThoughNothingIsReleased(boolean shared) throws Exception {
        SmallPool pool = new SmallPool(1);
        UringConfig config = pausing(pool)
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(64 * BUFFER_SIZE)
                .slabSize(4 * BUFFER_SIZE)
                .build();
        with(provided(shared, config), new ServerBootstrap(), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.channel.eventLoop().schedule(() -> {}, 1, TimeUnit.HOURS);
                connection.reader.keep(size -> true);
                Background writer = connection.begin(MANY_BYTES);
                await().atMost(LIMIT).until(connection.reader::isExhausted);
                connection.reader.keep(size -> false);
                pool.haveMore();
                await().atMost(LIMIT).until(() -> connection.reader.count() == MANY_BYTES);
                writer.join();
                connection.assertInOrder();
            }
        });
    }

    /** All the buffers that there are lie in the ring, and none is left to receive into by calls. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereThePoolHasNoMoreTheRingReceivesBulk(boolean shared) throws Exception {
        SmallPool pool = new SmallPool(2);
        UringConfig config = pausing(pool)
                .receiveBufferSize(BULK_BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(64 * BULK_BUFFER_SIZE)
                .slabSize(BULK_BUFFER_SIZE)
                .build();
        with(provided(shared, config), new ServerBootstrap(), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.send(BULK_BYTES);
                connection.assertInOrder();
                assertThat(pool.refusals).hasPositiveValue();
            }
        });
    }

    @Test
    void whereThePoolHasNoneForBulkTheBuffersForMessagesReceiveIt() throws Exception {
        assumeTrue(
                System.getProperty("dev.nettyuring.receiveBufferSize") == null
                        && System.getProperty("dev.nettyuring.receiveBuffers") == null,
                "the receive buffers are to be of one size");
        SmallPool pool = new SmallPool(1);
        UringConfig config = pausing(pool)
                .receiveMemoryLimit(256 << 20)
                .slabSize(BULK_BUFFER_SIZE)
                .build();
        with(provided(false, config), new ServerBootstrap(), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.send(BULK_BYTES);
                connection.assertInOrder();
                assertThat(pool.refusals).hasPositiveValue();
            }
        });
    }

    /** What the handle of an allocator is asked or told. */
    private enum Call {
        RESET,
        GUESS,
        ATTEMPTED_BYTES_READ,
        LAST_BYTES_READ,
        INC_MESSAGES_READ,
        CONTINUE_READING,
        READ_COMPLETE
    }

    /** Throws once it is told to, and then once. */
    private static final class Faulty implements RecvByteBufAllocator {
        private final IllegalStateException fault = new IllegalStateException("the test's");
        private final AtomicReference<Call> throwing = new AtomicReference<>();
        private final RecvByteBufAllocator sound;
        private volatile boolean withoutHandles;

        Faulty(int messagesALoop) {
            sound = new FixedRecvByteBufAllocator(BUFFER_SIZE).maxMessagesPerRead(messagesALoop);
        }

        void throwIn(Call call) {
            throwing.set(call);
        }

        /** Throws whenever it is asked for a handle. */
        void haveNoHandles() {
            withoutHandles = true;
        }

        private void called(Call call) {
            if (throwing.compareAndSet(call, null)) {
                throw fault;
            }
        }

        @Override
        public ExtendedHandle newHandle() {
            if (withoutHandles) {
                throw fault;
            }
            return new FaultyHandle((ExtendedHandle) sound.newHandle());
        }

        private final class FaultyHandle extends DelegatingHandle implements ExtendedHandle {
            private final ExtendedHandle soundHandle;

            FaultyHandle(ExtendedHandle soundHandle) {
                super(soundHandle);
                this.soundHandle = soundHandle;
            }

            @Override
            public void reset(ChannelConfig config) {
                called(Call.RESET);
                super.reset(config);
            }

            @Override
            public int guess() {
                called(Call.GUESS);
                return super.guess();
            }

            @Override
            public void attemptedBytesRead(int bytes) {
                called(Call.ATTEMPTED_BYTES_READ);
                super.attemptedBytesRead(bytes);
            }

            @Override
            public void lastBytesRead(int bytes) {
                called(Call.LAST_BYTES_READ);
                super.lastBytesRead(bytes);
            }

            @Override
            public void incMessagesRead(int messages) {
                called(Call.INC_MESSAGES_READ);
                super.incMessagesRead(messages);
            }

            @Override
            public boolean continueReading() {
                called(Call.CONTINUE_READING);
                return super.continueReading();
            }

            @Override
            public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
                called(Call.CONTINUE_READING);
                return soundHandle.continueReading(maybeMore);
            }

            @Override
            public void readComplete() {
                called(Call.READ_COMPLETE);
                super.readComplete();
            }
        }
    }

    /** With one message it ends when that is handled, with several when the loop's turn does. */
    @ParameterizedTest
    @ValueSource(ints = {1, MESSAGES_A_LOOP})
    void aReadLoopIsCompleteThoughItsEndThrows(int messagesALoop) throws Exception {
        Faulty allocator = new Faulty(messagesALoop);
        with(UringIoHandler.newFactory(UringConfig.DEFAULT), server(allocator), tcp -> {
            try (Connection first = new Connection(tcp);
                    Connection other = new Connection(tcp)) {
                first.send(MESSAGE);
                await().atMost(LIMIT).until(() -> first.reader.completes() == 1);
                allocator.throwIn(Call.READ_COMPLETE);
                first.send(2 * MESSAGE);
                await().atMost(LIMIT).until(() -> first.reader.completes() == 2);
                assertThat(first.reader.exceptions()).containsExactly(allocator.fault);
                first.assertLoopRuns();
                first.send(3 * MESSAGE);
                first.assertInOrder();
                other.send(MESSAGE);
                other.assertInOrder();
                assertThat(other.reader.exceptions()).isEmpty();
            }
        });
    }

    private static Stream<Arguments> callsWithAndWithoutProvidedBuffers() {
        return Arrays.stream(Call.values())
                .flatMap(call -> Stream.of(Arguments.of(call, true), Arguments.of(call, false)));
    }

    @ParameterizedTest
    @MethodSource("callsWithAndWithoutProvidedBuffers")
    void everyByteArrivesWhicheverCallThrows(Call call, boolean provided) throws Exception {
        Faulty allocator = new Faulty(MESSAGES_A_LOOP);
        with(providedOrNot(provided), server(allocator), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.send(MESSAGE);
                allocator.throwIn(call);
                connection.send(2 * MESSAGE);
                await().atMost(LIMIT)
                        .until(() -> !connection.reader.exceptions().isEmpty());
                connection.send(3 * MESSAGE);
                connection.send(SOME_BYTES);
                connection.end();
                connection.assertInOrder();
                assertThat(connection.reader.exceptions()).containsExactly(allocator.fault);
            }
        });
    }

    /** Those that the end of the stream alone calls as well, since it ends a read loop. */
    @ParameterizedTest
    @CsvSource({"RESET, true", "RESET, false", "READ_COMPLETE, true", "READ_COMPLETE, false"})
    void theEndOfTheStreamIsNoticedThoughACallThrowsAtIt(Call call, boolean provided) throws Exception {
        Faulty allocator = new Faulty(MESSAGES_A_LOOP);
        with(providedOrNot(provided), server(allocator), tcp -> {
            try (Connection connection = new Connection(tcp);
                    Connection other = new Connection(tcp)) {
                connection.send(MESSAGE);
                await().atMost(LIMIT).until(() -> connection.reader.completes() == 1);
                allocator.throwIn(call);
                connection.end();
                assertThat(connection.reader.exceptions()).containsExactly(allocator.fault);
                other.send(MESSAGE);
                other.assertInOrder();
            }
        });
    }

    /** It had one when the option was set. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyByteArrivesThoughTheAllocatorHasNoHandle(boolean provided) throws Exception {
        Faulty allocator = new Faulty(MESSAGES_A_LOOP);
        with(providedOrNot(provided), server(allocator), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                allocator.haveNoHandles();
                connection.send(MESSAGE);
                connection.send(SOME_BYTES);
                connection.end();
                connection.assertInOrder();
                assertThat(connection.reader.exceptions()).containsExactly(allocator.fault);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfAnEmptyStreamIsNoticedThoughTheAllocatorHasNoHandle(boolean provided) throws Exception {
        Faulty allocator = new Faulty(MESSAGES_A_LOOP);
        with(providedOrNot(provided), server(allocator), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                allocator.haveNoHandles();
                connection.end();
                connection.assertLoopRuns();
                assertThat(connection.reader.exceptions()).containsExactly(allocator.fault);
            }
        });
    }

    /** Before it has read anything, so that there is nothing to be read any more. */
    @ParameterizedTest
    @CsvSource({"RESET, true", "RESET, false", "GUESS, true", "GUESS, false"})
    void whoIsToldOfAFaultMayCloseTheChannel(Call call, boolean provided) throws Exception {
        Faulty allocator = new Faulty(MESSAGES_A_LOOP);
        with(providedOrNot(provided), server(allocator), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.reader.closeAtException();
                allocator.throwIn(call);
                connection.begin(MESSAGE).join();
                await().atMost(LIMIT).until(connection.reader::isInactive);
                connection.assertLoopRuns();
                assertThat(connection.reader.count()).isZero();
                assertThat(connection.reader.exceptions()).containsExactly(allocator.fault);
            }
        });
    }

    /** Before its first read loop it would receive nothing at a time, and after one that read all it may as well. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAllocatorThatBoundsAReadLoopsBytesReadsAllAndRests(boolean provided) throws Exception {
        with(providedOrNot(provided), server(new DefaultMaxBytesRecvByteBufAllocator()), tcp -> {
            try (Connection connection = new Connection(tcp)) {
                connection.send(MESSAGE);
                connection.send(MESSAGE + MANY_BYTES);
                connection.assertInOrder();
                UringMetrics metrics = UringMetrics.of(connection.channel.eventLoop());
                long turns = metrics.turns();
                TimeUnit.MILLISECONDS.sleep(A_WHILE.toMillis());
                assertThat(metrics.turns() - turns).as("turns in a while").isLessThan(20);
                connection.end();
                assertThat(connection.reader.exceptions()).isEmpty();
            }
        });
    }
}
