// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that allocate, hand over, release and end; every buffer holds its own number and nothing else all the while. */
class UringAllocatorStressTest {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final int THREADS = 6;
    private static final int MAX_HELD = 40;

    private final UringByteBufAllocator alloc = UringByteBufAllocator.builder()
            .slabSize(1 << 17)
            .memoryLimit(8 << 20) // not enough at times
            .build();
    private final Queue<ByteBuf> handedOver = new ArrayBlockingQueue<>(200);
    private final AtomicLong ids = new AtomicLong();
    private final long end = System.nanoTime() + NANOS;

    @Test
    @Timeout(60)
    void noBufferIsWrittenToByAnother() throws Exception {
        List<FutureTask<Long>> lanes = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            boolean plain = i == 0;
            int lane = i;
            Function<Runnable, Thread> factory = plain ? Thread::new : FastThreadLocalThread::new;
            FutureTask<Long> task = new FutureTask<>(() -> lane(lane, factory));
            lanes.add(task);
            new Thread(task).start();
        }
        long buffers = 0;
        for (FutureTask<Long> lane : lanes) {
            buffers += lane.get();
        }
        for (ByteBuf buf = handedOver.poll(); buf != null; buf = handedOver.poll()) {
            checkAndRelease(buf);
        }
        alloc.trimCurrentThreadCache();
        assertThat(alloc.bytesInUse()).isZero();
        assertThat(alloc.metric().usedDirectMemory()).as("idle slabs").isLessThanOrEqualTo(2 << 20);
        assertThat(buffers).isGreaterThan(10_000);
    }

    /** One thread after another, so that arenas open and close. */
    private long lane(int lane, Function<Runnable, Thread> factory) throws Exception {
        long buffers = 0;
        for (int generation = 0; System.nanoTime() < end; generation++) {
            SplittableRandom random = new SplittableRandom(lane * 1000L + generation);
            FutureTask<Long> task = new FutureTask<>((Callable<Long>) () -> work(random));
            Thread thread = factory.apply(task);
            thread.start();
            buffers += task.get();
            thread.join();
        }
        return buffers;
    }

    private long work(SplittableRandom random) {
        List<ByteBuf> held = new ArrayList<>();
        int rounds = 1 + random.nextInt(5000);
        for (int round = 0; round < rounds && System.nanoTime() < end; round++) {
            if (held.size() < MAX_HELD && random.nextInt(100) < 55) {
                held.add(fill(alloc.directBuffer(Long.BYTES * (1 + random.nextInt(1 << random.nextInt(15))))));
            } else if (!held.isEmpty()) {
                letGo(held.remove(random.nextInt(held.size())), random);
            }
            ByteBuf another = random.nextInt(4) == 0 ? handedOver.poll() : null;
            if (another != null) {
                checkAndRelease(another);
            }
        }
        held.forEach(buf -> letGo(buf, random));
        return rounds;
    }

    private void letGo(ByteBuf buf, SplittableRandom random) {
        if (random.nextInt(5) == 0) {
            grow(buf, random);
        }
        if (random.nextInt(3) > 0 || !handedOver.offer(buf)) {
            checkAndRelease(buf);
        }
    }

    private void grow(ByteBuf buf, SplittableRandom random) {
        long id = buf.getLong(0);
        int before = buf.capacity();
        buf.capacity(before + Long.BYTES * random.nextInt(1000));
        for (int at = before; at < buf.capacity(); at += Long.BYTES) {
            buf.setLong(at, id);
        }
    }

    private ByteBuf fill(ByteBuf buf) {
        long id = ids.incrementAndGet();
        for (int at = 0; at < buf.capacity(); at += Long.BYTES) {
            buf.setLong(at, id);
        }
        return buf;
    }

    private static void checkAndRelease(ByteBuf buf) {
        long id = buf.getLong(0);
        for (int at = 0; at < buf.capacity(); at += Long.BYTES) {
            if (buf.getLong(at) != id) {
                throw new AssertionError("buffer " + id + " holds " + buf.getLong(at) + " at " + at);
            }
        }
        buf.release();
    }
}
