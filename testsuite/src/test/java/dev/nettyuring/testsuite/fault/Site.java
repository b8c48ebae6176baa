// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the pieces of a seed's work share. */
final class Site {
    private static final int MAX_MICROS = 4000;

    final EventLoopGroup loops;
    /** Threads that are not loops. */
    final ScheduledExecutorService others;

    final Path folder;
    /** Whether the loops end in the middle of it, take no tasks then, and call no listeners. */
    final boolean loopsMayEnd;

    final FaultPlan plan;
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Map<Future<?>, String> asked = new ConcurrentHashMap<>();
    private final AtomicInteger toDo = new AtomicInteger();
    private final Set<Lent> lent = ConcurrentHashMap.newKeySet();

    /** By identity: buffers are equal if their bytes are. */
    static final class Lent {
        final ByteBuf buffer;

        Lent(ByteBuf buffer) {
            this.buffer = buffer;
        }
    }

    Site(EventLoopGroup loops, ScheduledExecutorService others, Path folder, boolean loopsMayEnd, FaultPlan plan) {
        this.loops = loops;
        this.others = others;
        this.folder = folder;
        this.loopsMayEnd = loopsMayEnd;
        this.plan = plan;
    }

    /** It must be done in the end. */
    <F extends Future<?>> F asked(String what, F future) {
        asked.put(future, what);
        return future;
    }

    /** What is not done. */
    List<String> unanswered() {
        return asked.entrySet().stream()
                .filter(one -> !one.getKey().isDone())
                .map(Map.Entry::getValue)
                .sorted()
                .toList();
    }

    /** A buffer that is the transport's for a while, and that nobody gives back if its loop ends. */
    Lent lend(ByteBuf buffer) {
        Lent one = new Lent(buffer);
        lent.add(one);
        return one;
    }

    void takeBack(Lent one) {
        if (lent.remove(one)) {
            one.buffer.release();
        }
    }

    /** No loop has any of them any more. */
    void takeAllBack() {
        lent.forEach(this::takeBack);
    }

    /** Something that must not be. */
    void fault(String text) {
        faults.add(text);
    }

    Queue<String> faults() {
        return faults;
    }

    /** Something failed: with faults that end something it may, but with such an exception only. */
    void failed(Object who, Throwable cause) {
        if (!plan.mayEndConnections() && !loopsMayEnd) {
            fault(who + " failed without reason: " + cause);
        }
    }

    /** Soon, on a thread that is no loop. */
    void soon(Random random, Runnable task) {
        soon(random, others, task);
    }

    /** Soon, on a loop or another thread. */
    void soon(Random random, ScheduledExecutorService executor, Runnable task) {
        int micros = random.nextInt(4) == 0 ? random.nextInt(MAX_MICROS) : 0;
        toDo.incrementAndGet();
        try {
            executor.schedule(
                    () -> {
                        safely(task);
                        toDo.decrementAndGet();
                    },
                    micros,
                    TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException loopHasEnded) {
            toDo.decrementAndGet();
        }
    }

    /** Whether nothing of that is left to do. */
    boolean isQuiet() {
        return toDo.get() == 0;
    }

    void safely(Runnable task) {
        try {
            task.run();
        } catch (RejectedExecutionException loopEnded) {
            if (!loopsMayEnd) {
                fault("a loop takes no tasks");
            }
        } catch (Throwable e) {
            StringBuilder text = new StringBuilder("a task threw " + e);
            for (StackTraceElement frame : e.getStackTrace()) {
                text.append("\n at ").append(frame);
            }
            fault(text.toString());
        }
    }
}
