// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the parts of a soak share: threads, the file, and what is counted. */
final class Load {
    private static final int KEPT_MILLIS = 20;
    private static final int MAX_FAULTS = 50;

    /** The loops that stay. */
    final EventLoopGroup loops;
    /** Other threads than the loops', which write, and release what was kept. */
    final ScheduledExecutorService others =
            Executors.newScheduledThreadPool(2, new DefaultThreadFactory("others", true));

    /** One that writes, so that what it writes keeps its order. */
    final ExecutorService writer = Executors.newSingleThreadExecutor(new DefaultThreadFactory("writer", true));

    final Path file;
    final LongAdder bytes = new LongAdder();
    final LongAdder checks = new LongAdder();
    final LongAdder moves = new LongAdder();
    final LongAdder abandoned = new LongAdder();
    final LongAdder completed = new LongAdder();
    final LongAdder datagramsRepeated = new LongAdder();
    /** Those that servers accepted and that are open. */
    final Set<Channel> accepted = ConcurrentHashMap.newKeySet();

    final AtomicLong kept = new AtomicLong();
    final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Random seeds;

    Load(long seed, EventLoopGroup loops, Path file) {
        seeds = new Random(seed);
        this.loops = loops;
        this.file = file;
    }

    /** A source of chance for a connection. Any thread. */
    Random random() {
        synchronized (seeds) {
            return new Random(seeds.nextLong());
        }
    }

    void fault(String text) {
        if (faults.size() < MAX_FAULTS) {
            faults.add(text);
        }
    }

    void track(Channel channel) {
        accepted.add(channel);
        channel.closeFuture().addListener(closed -> accepted.remove(channel));
    }

    /** Memory from one allocator or the other, zero copy or not, socket buffers of some size. */
    static void configure(Channel channel, Random random) {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config()
                .setAllocator(random.nextBoolean() ? UringByteBufAllocator.DEFAULT : PooledByteBufAllocator.DEFAULT);
        channel.config()
                .setOption(UringChannelOption.ZERO_COPY, random.nextInt(4) == 0 ? ZeroCopy.ALWAYS : ZeroCopy.AUTO);
    }

    /** Keeps a piece for a while, and releases it on another thread. */
    void keep(ByteBuf piece, Random random) {
        kept.incrementAndGet();
        others.schedule(
                () -> {
                    piece.release();
                    kept.decrementAndGet();
                },
                random.nextInt(KEPT_MILLIS),
                TimeUnit.MILLISECONDS);
    }

    /** Moves a channel to another loop; on its own loop's thread, and with nothing of its handlers' under way. */
    void move(Channel channel, Runnable afterwards) {
        moves.increment();
        channel.deregister().addListener(left -> {
            if (left.isSuccess()) {
                loops.next().register(channel).addListener(arrived -> {
                    if (arrived.isSuccess()) {
                        afterwards.run();
                    } else {
                        fault("does not move: " + arrived.cause());
                        channel.close();
                    }
                });
            } else {
                fault("does not leave its loop: " + left.cause());
            }
        });
    }
}
