// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringStreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Streams that are read into buffers that stay the reader's, who looks that nobody writes to one when it is his again. */
final class OwnBuffers implements Piece {
    private static final int MAX_PAIRS = 6;
    private static final int MAX_SIZE_BITS = 17;
    private static final int MAX_OFFSET = 100;
    private static final byte BEFORE = (byte) 0xb1;
    private static final byte AFTER = (byte) 0xaf;

    private final Site site;
    private final Random random;
    private final boolean domain;
    private final boolean closesEarly;
    private final List<Stream> streams = new ArrayList<>();

    OwnBuffers(Site site, Random random) {
        this.site = site;
        this.random = random;
        domain = random.nextInt(3) == 0;
        closesEarly = random.nextInt(4) == 0;
    }

    @Override
    public void begin() throws Exception {
        for (Pair pair : Pair.open(site, 1 + random.nextInt(MAX_PAIRS), domain, random)) {
            streams.add(new Stream(pair, new Random(random.nextLong())));
        }
    }

    @Override
    public void start() {
        streams.forEach(Stream::start);
    }

    @Override
    public boolean isOver() {
        return streams.stream().allMatch(stream -> stream.pair.isClosed());
    }

    @Override
    public void check(List<String> wrong) {
        for (Stream stream : streams) {
            if (!site.loopsMayEnd) {
                stream.check(wrong);
            }
        }
    }

    @Override
    public String toString() {
        return streams.size() + (domain ? " Unix" : " TCP") + " streams into own buffers "
                + streams.stream().filter(stream -> !stream.pair.isClosed()).toList();
    }

    private final class Stream {
        private final Pair pair;
        private final Random random;
        private final Direction direction;
        private final Sending sending;
        private final UringStreamChannel reader;
        private volatile Throwable failure;
        private volatile boolean early;

        Stream(Pair pair, Random random) {
            this.pair = pair;
            this.random = random;
            direction = new Direction(random.nextInt());
            boolean up = random.nextBoolean();
            reader = up ? pair.accepted : pair.client;
            sending = new Sending(site, up ? pair.client : pair.accepted, direction, random);
        }

        void start() {
            reader.eventLoop().execute(() -> {
                read(); // what came and was ended before anybody reads would go to the pipeline
                sending.start();
            });
        }

        private void read() {
            if (closesEarly && random.nextInt(30) == 0) {
                early = true;
                pair.close();
            }
            int size = 1 + random.nextInt(1 << (1 + random.nextInt(MAX_SIZE_BITS - 1)));
            int offset = random.nextInt(MAX_OFFSET);
            ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(offset + size, offset + size);
            fill(buffer, BEFORE);
            buffer.setIndex(offset, offset);
            Site.Lent lent = site.lend(buffer);
            Future<ByteBuf> read = site.asked("readInto", reader.readInto(buffer));
            if (random.nextInt(5) == 0) {
                site.soon(random, () -> read.cancel(true));
            }
            read.addListener(done -> over(read, lent));
        }

        private void over(Future<ByteBuf> read, Site.Lent lent) {
            ByteBuf buffer = lent.buffer;
            int start = buffer.readerIndex();
            int length = buffer.readableBytes();
            expect(buffer, 0, start, BEFORE, "before what it asked for");
            if (read.isSuccess() && length > 0) {
                String fault = direction.fault(buffer, direction.arrived(length));
                if (fault != null) {
                    site.fault(this + ": " + fault);
                }
            } else if (length > 0) {
                site.fault(this + ": " + length + " bytes came although the future says " + read.cause());
            }
            expect(buffer, start + length, buffer.capacity(), BEFORE, "behind what came");
            fill(buffer, AFTER);
            site.soon(random, () -> {
                expect(buffer, 0, buffer.capacity(), AFTER, "after its future was done");
                site.takeBack(lent);
            });
            if (read.isSuccess() && length == 0) {
                direction.ended = true;
                pair.close();
            } else if (read.isSuccess() || read.isCancelled()) {
                if (random.nextInt(3) == 0) {
                    site.soon(random, this::read);
                } else {
                    read();
                }
            } else {
                failure = read.cause();
                pair.close();
            }
        }

        private void fill(ByteBuf buffer, byte with) {
            for (int i = 0; i < buffer.capacity(); i++) {
                buffer.setByte(i, with);
            }
        }

        private void expect(ByteBuf buffer, int from, int to, byte value, String when) {
            for (int i = from; i < to; i++) {
                if (buffer.getByte(i) != value) {
                    site.fault(this + ": its buffer was written to " + when + ", at " + i + " of " + buffer.capacity());
                    return;
                }
            }
        }

        void check(List<String> wrong) {
            Throwable cause = Pair.firstFailure(failure, sending.failure, pair.failure());
            if (cause != null && !early) {
                site.failed(this, cause);
            }
            if (cause == null && !early && (!direction.ended || direction.received() != direction.written())) {
                wrong.add(this + ": neither side failed, but not all came");
            }
        }

        @Override
        public String toString() {
            return "stream into own buffers (" + sending + (early ? ", closed early" : "") + ", " + reader
                    + (failure == null ? "" : ", " + failure) + ')';
        }
    }
}
