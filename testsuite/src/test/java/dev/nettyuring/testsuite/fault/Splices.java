// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringStreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Streams that go through a relay, which splices them to another connection or to a file, bit by bit or to the end. */
final class Splices implements Piece {
    private static final int MAX_RELAYS = 5;
    private static final int MAX_LENGTH_BITS = 18;

    private final Site site;
    private final Random random;
    private final boolean domain;
    private final boolean closesEarly;
    private final List<Relay> relays = new ArrayList<>();

    Splices(Site site, Random random) {
        this.site = site;
        this.random = random;
        domain = random.nextInt(4) == 0;
        closesEarly = random.nextInt(4) == 0;
    }

    @Override
    public void begin() throws Exception {
        int count = 1 + random.nextInt(MAX_RELAYS);
        List<Pair> pairs = Pair.open(site, 2 * count, domain, random);
        for (int i = 0; i < count; i++) {
            Path file = random.nextInt(3) == 0 ? site.folder.resolve("spliced-" + i) : null;
            relays.add(new Relay(pairs.get(2 * i), pairs.get(2 * i + 1), file, new Random(random.nextLong())));
        }
    }

    @Override
    public void start() {
        relays.forEach(Relay::start);
    }

    @Override
    public boolean isOver() {
        return relays.stream().allMatch(Relay::isOver);
    }

    @Override
    public void check(List<String> wrong) throws IOException {
        for (Relay relay : relays) {
            relay.check(wrong);
        }
    }

    @Override
    public String toString() {
        return relays.size() + (domain ? " Unix" : " TCP") + " splices "
                + relays.stream().filter(relay -> !relay.isOver()).toList();
    }

    private final class Relay {
        private final Pair from;
        private final Pair to;
        private final Path path;
        private final FileChannel file;
        private final Random random;
        private final Direction direction;
        private final Sending sending;
        private final UringStreamChannel source;
        private volatile long transferred;
        private final AtomicLong forwarded = new AtomicLong();
        private volatile boolean ended;
        private volatile boolean early;
        private volatile Throwable failure;
        private volatile SpliceFuture current;

        Relay(Pair from, Pair to, Path path, Random random) throws IOException {
            this.from = from;
            this.to = to;
            this.path = path;
            this.random = random;
            file = path == null
                    ? null
                    : FileChannel.open(
                            path,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING);
            direction = new Direction(random.nextInt());
            source = from.accepted;
            sending = new Sending(site, from.client, direction, random);
        }

        void start() {
            to.accepted.pipeline().addLast(new Reader());
            to.accepted.closeFuture().addListener(closed -> closeUnread());
            to.accepted.config().setAutoRead(true);
            if (closesEarly && random.nextBoolean()) {
                site.soon(random, () -> {
                    early = true;
                    (random.nextBoolean() ? source : random.nextBoolean() ? to.client : to.accepted).close();
                    closeIfEarly();
                });
            }
            source.pipeline().addLast(new Forwarder());
            if (file == null && random.nextBoolean()) {
                source.config().setAutoRead(true);
                sending.start();
                site.soon(random, this::splice);
            } else { // what came and was ended before anybody takes it would go to the pipeline
                source.eventLoop().execute(() -> {
                    splice();
                    sending.start();
                });
            }
        }

        boolean isOver() {
            return from.isClosed() && to.isClosed() && (current == null || current.isDone());
        }

        private void splice() {
            long length = random.nextInt(3) == 0
                    ? Long.MAX_VALUE
                    : random.nextInt(1 << (1 + random.nextInt(MAX_LENGTH_BITS - 1)));
            SpliceFuture splice = site.asked(
                    "splice",
                    file == null ? source.spliceTo(to.client, length) : source.spliceTo(file, transferred, length));
            current = splice;
            if (random.nextInt(4) == 0) {
                site.soon(random, () -> splice.cancel(false));
            }
            splice.addListener(done -> over(splice, length));
        }

        @SuppressWarnings("NonAtomicOperationOnVolatileField") // the source's loop alone writes it
        private void over(SpliceFuture splice, long length) {
            transferred += splice.transferred();
            if (splice.isSuccess() && length != Long.MAX_VALUE && splice.transferred() != length) {
                site.fault(this + ": " + splice.transferred() + " bytes and not " + length);
            }
            boolean endOfStream = splice.isSuccess()
                    ? length == Long.MAX_VALUE
                    : splice.cause() instanceof ClosedChannelException && direction.shutdownAsked;
            if (endOfStream) {
                ended = true;
                finish();
            } else if (splice.isSuccess() || splice.isCancelled()) {
                if (random.nextInt(3) == 0) {
                    site.soon(random, this::splice);
                } else {
                    splice();
                }
            } else {
                fail(splice.cause());
            }
        }

        /** Of what was closed early not all that follows happens. */
        private void closeIfEarly() {
            if (ended && early) {
                from.close();
                to.close();
            }
        }

        private void finish() {
            from.close();
            closeIfEarly();
            site.asked("end of what is spliced", to.client.writeAndFlush(Unpooled.EMPTY_BUFFER))
                    .addListener(this::shutDown);
        }

        private void shutDown(Future<?> written) {
            site.asked("shutdownOutput after splices", to.client.shutdownOutput())
                    .addListener(done -> {
                        if (!done.isSuccess()) {
                            fail(done.cause());
                        }
                        closeUnread();
                    });
        }

        /** If the reader failed after all had been sent, that is seen by nobody else: the writer has shut down, and may stay. */
        private void closeUnread() {
            if (ended && !to.accepted.isOpen()) {
                to.client.close();
            }
        }

        private void fail(Throwable cause) {
            failure = cause;
            from.close();
            to.close();
        }

        void check(List<String> wrong) throws IOException {
            Throwable cause = Pair.firstFailure(failure, sending.failure, from.failure(), to.failure());
            boolean failed = cause != null;
            if (failed && !early && !site.loopsMayEnd) {
                site.failed(this, cause);
            }
            if (!failed
                    && !early
                    && !site.loopsMayEnd
                    && (!ended || transferred + forwarded.get() != direction.written())) {
                wrong.add(this + ": neither side failed, but not all was spliced");
            }
            if (file != null) {
                file.close();
                checkFile(wrong);
            } else if (ended
                    && !failed
                    && !early
                    && !site.loopsMayEnd
                    && direction.received() != transferred + forwarded.get()) {
                wrong.add(this + ": not all that was spliced came");
            } else if (direction.received() > direction.written()) {
                wrong.add(this + ": more came than was sent");
            }
        }

        /** While it is ended by a loop's end nobody counts what is in it. */
        private void checkFile(List<String> wrong) throws IOException {
            ByteBuf content = Unpooled.wrappedBuffer(Files.readAllBytes(path));
            Files.delete(path);
            long size = content.readableBytes();
            if (size > direction.written() || (!site.loopsMayEnd && size != transferred)) {
                wrong.add(this + ": the file has " + size + " bytes");
            }
            String fault = direction.fault(content, 0);
            if (fault != null) {
                wrong.add(this + ", in the file: " + fault);
            }
        }

        @Override
        public String toString() {
            return "splice (" + sending + (early ? ", closed early" : "") + (ended ? ", ended" : "") + ", "
                    + transferred
                    + " spliced and " + forwarded + " forwarded by " + source + " to "
                    + (file == null ? to.client + ", " + to.accepted : path)
                    + (failure == null ? "" : ", " + failure) + (current == null ? "" : ", last " + current) + ')';
        }

        /** What comes before a splice, or between two, goes on all the same. */
        private final class Forwarder extends ChannelInboundHandlerAdapter {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                if (file != null) {
                    site.fault(Relay.this + ": the pipeline gets bytes");
                }
                int length = ((ByteBuf) message).readableBytes();
                site.asked("write of what was not spliced", to.client.writeAndFlush(message))
                        .addListener(done -> {
                            if (done.isSuccess()) {
                                forwarded.addAndGet(length);
                            } else {
                                fail(done.cause());
                            }
                        });
            }
        }

        private final class Reader extends ChannelInboundHandlerAdapter {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ByteBuf buf = (ByteBuf) message;
                String fault = direction.fault(buf, direction.arrived(buf.readableBytes()));
                buf.release();
                if (fault != null) {
                    site.fault(Relay.this + ": " + fault);
                }
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                if (event instanceof ChannelInputShutdownEvent) {
                    direction.ended = true;
                    to.close();
                    if (!ended) {
                        from.close();
                    }
                }
            }
        }
    }
}
