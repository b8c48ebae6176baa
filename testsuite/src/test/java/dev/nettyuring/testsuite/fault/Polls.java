// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringPoll;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Eventfds that loops poll, and other threads write to: no count may be missed, and nothing told after the end. */
final class Polls implements Piece {
    private static final int MAX_POLLS = 6;
    private static final int MAX_WRITES = 60;

    private final Site site;
    private final Random random;
    private final List<Counter> counters = new ArrayList<>();

    Polls(Site site, Random random) {
        this.site = site;
        this.random = random;
    }

    @Override
    public void begin() {
        int count = 1 + random.nextInt(MAX_POLLS);
        for (int i = 0; i < count; i++) {
            counters.add(new Counter(new Random(random.nextLong())));
        }
    }

    @Override
    public void start() {
        counters.forEach(Counter::start);
    }

    @Override
    public boolean isOver() {
        counters.forEach(Counter::closeWhenAllIsRead);
        return counters.stream().allMatch(counter -> counter.closed);
    }

    @Override
    public void check(List<String> wrong) {
        counters.forEach(counter -> counter.check(wrong));
    }

    @Override
    public String toString() {
        return counters.size() + " polls "
                + counters.stream().filter(counter -> !counter.closed).toList();
    }

    private final class Counter {
        private final Random random;
        private final int fd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
        private final ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        private final AtomicInteger written = new AtomicInteger();
        private final UringPoll.Trigger trigger;
        private final int writes;
        private volatile long read;
        private volatile UringPoll poll;
        private volatile boolean closed;

        Counter(Random random) {
            this.random = random;
            trigger = random.nextBoolean() ? UringPoll.Trigger.EDGE : UringPoll.Trigger.LEVEL;
            writes = 1 + random.nextInt(MAX_WRITES);
        }

        void start() {
            poll = UringPoll.register(site.loops.next(), fd, UringPoll.POLLIN, trigger, this::ready);
            site.asked("poll", poll.closeFuture());
            poll.closeFuture().addListener(done -> closed = true);
            site.soon(random, this::write);
        }

        private void write() {
            if (Native.eventfdWrite(fd, 1) != 0) {
                site.fault(this + " cannot be written");
            }
            if (random.nextInt(10) == 0) {
                poll.modify(random.nextBoolean() ? UringPoll.POLLIN : UringPoll.POLLIN | UringPoll.POLLPRI);
            }
            if (written.incrementAndGet() < writes && !closed) {
                site.soon(random, this::write);
            }
        }

        /** Of a level it may leave something. */
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // the loop alone writes it
        private void ready(UringPoll polled, int events) {
            if (closed) {
                site.fault(this + " is told after its end");
            }
            if ((events & UringPoll.POLLIN) == 0) {
                site.fault(this + " is told " + events);
            }
            if (trigger == UringPoll.Trigger.LEVEL && random.nextInt(4) == 0) {
                return;
            }
            if (Native.read(fd, Native.directBufferAddress(value), Long.BYTES) == Long.BYTES) {
                read += value.getLong(0);
            }
        }

        void closeWhenAllIsRead() {
            if (read == writes && poll.isOpen()) {
                poll.close();
            }
        }

        /** The kernel has let go of it, and the writer ends with the threads that are not loops. */
        void check(List<String> wrong) {
            Throwable failure = poll.closeFuture().cause();
            if (failure != null) {
                site.failed(this, failure);
            } else if (read != writes && !site.loopsMayEnd) {
                wrong.add(this + " missed some");
            }
            Native.close(fd);
        }

        @Override
        public String toString() {
            return trigger + " poll: " + writes + " to write, " + written + " written, " + read + " read, "
                    + (poll == null ? "not begun" : poll.closeFuture());
        }
    }
}
