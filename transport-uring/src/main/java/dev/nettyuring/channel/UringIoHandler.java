// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jfr.TurnTimer;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Ring;
import dev.nettyuring.ring.Wakeup;
import dev.nettyuring.ring.Workers;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.StringUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs the I/O of one event loop on an io_uring. A turn of the loop is one system call, which hands over what the handlers
 * asked for and waits for what comes next:
 *
 * <pre>
 * new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory())
 * </pre>
 *
 * <p>Needs Linux 6.1. It takes the channels of this package and nothing else.
 */
public final class UringIoHandler implements IoHandler {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(UringIoHandler.class);
    private static final long NO_DEADLINE = -1;
    private static final long AWAIT_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ThreadAwareExecutor executor;
    private final Ring ring;
    private final Wakeup wakeup;
    private final BufferGroups groups;
    private boolean providesBuffers;
    private final NativeBlocks blocks = new NativeBlocks();
    private final StreamSend.Pool sends = new StreamSend.Pool(this);
    private final DatagramBatch datagramBatch = new DatagramBatch(blocks);
    private final PipePool pipes = new PipePool();
    private final ZeroCopyPaths zeroCopyPaths = new ZeroCopyPaths();
    private final RegionChunks regionChunks = new RegionChunks();
    private final PageCache pageCache;
    private final boolean sendsZeroCopy;
    private final FixedBuffers fixedBuffers;
    private final UringMetrics metrics;
    private final int fileWorkers;
    private final long spinNanos;
    private final Registrations registrations;
    private final Closes closes;
    private final Deque<ReadLoop<?>> turnEnd = new ArrayDeque<>();
    private final TurnTimer turnTimer = new TurnTimer();
    private boolean flushedThisTurn;
    private boolean shuttingDown;
    private boolean destroyed;
    /** Why the loop could not begin; {@code null} if it could. */
    private IOException refusal;

    private UringIoHandler(ThreadAwareExecutor executor, UringConfig config, Set<Feature> features) {
        Uring.ensureAvailability();
        this.executor = ObjectUtil.checkNotNull(executor, "executor");
        providesBuffers = features.contains(Feature.PBUF_RING);
        sendsZeroCopy = features.contains(Feature.SEND_ZC);
        pageCache = new PageCache(blocks, features.contains(Feature.CACHESTAT));
        fileWorkers = config.fileWorkers();
        spinNanos = TimeUnit.MICROSECONDS.toNanos(config.spinMicros());
        LoopResources resources;
        try {
            resources = LoopResources.open(config, features);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ring = resources.ring();
        wakeup = resources.wakeup();
        groups = resources.groups();
        registrations = new Registrations(this, ring);
        closes = new Closes(ring);
        fixedBuffers = new FixedBuffers(ring, features);
        metrics = new UringMetrics(ring, wakeup, groups, fixedBuffers);
        UringMetrics.publish(executor, metrics);
    }

    /**
     * A factory of handlers with the {@linkplain UringConfig#DEFAULT default configuration}.
     *
     * @throws UnsupportedOperationException if io_uring {@linkplain Uring#unavailabilityCause() cannot be used here}
     * @throws IllegalArgumentException if a system property of this transport's has a value that cannot be
     */
    public static IoHandlerFactory newFactory() {
        return newFactory(UringConfig.DEFAULT);
    }

    /**
     * A factory of handlers, for {@link io.netty.channel.MultiThreadIoEventLoopGroup}.
     *
     * @throws UnsupportedOperationException if io_uring {@linkplain Uring#unavailabilityCause() cannot be used here}
     * @throws IllegalArgumentException if a system property of this transport's has a value that cannot be
     */
    public static IoHandlerFactory newFactory(UringConfig config) {
        UringConfig.checkProperties();
        Uring.ensureAvailability();
        return newFactory(config, Uring.features());
    }

    /** For tests: as on a kernel that has no more than those features. */
    static IoHandlerFactory newFactory(UringConfig config, Set<Feature> features) {
        ObjectUtil.checkNotNull(config, "config");
        return executor -> new UringIoHandler(executor, config, features);
    }

    @Override
    public void initialize() {
        if (executor instanceof SingleThreadEventExecutor) {
            // the loop may end without prepareToDestroy(); its shutdown hooks run while it still takes the tasks of
            // closing
            ((SingleThreadEventExecutor) executor).addShutdownHook(this::prepareToDestroy);
        }
        try {
            ring.enable();
            Workers.limit(ring, fileWorkers);
        } catch (IOException e) {
            refusal = e;
            throw new UncheckedIOException(e);
        }
        groups.begin();
    }

    @Override
    public int run(IoHandlerContext context) {
        if (destroyed) {
            return 0;
        }
        metrics.turn();
        flushedThisTurn = false;
        closes.proceed();
        if (providesBuffers) {
            groups.provide();
        }
        turnTimer.end();
        enterKernel(context);
        ring.ensureUsable();
        turnTimer.begin();
        int handled = context.shouldReportActiveIoTime() ? dispatchTimed(context) : dispatch();
        turnTimer.handled(handled);
        return handled;
    }

    /**
     * Nobody knows whose they were: rather than have some wait for ever, all end. New channels may come, but do without
     * provided buffers, since nobody knows either how far those are filled.
     */
    private void endIfCompletionsLost() {
        if (ring.takeLoss()) {
            providesBuffers = false;
            wakeup.mayBeLost();
            LOGGER.error(
                    "io_uring_enter: the kernel had no memory for completions, and lost some (EBADR): all channels of"
                            + " this event loop are closed, and new ones receive into allocated memory. Give the machine, or"
                            + " the control group (memory.max), more memory");
            registrations.closeAll();
        }
    }

    private void enterKernel(IoHandlerContext context) {
        boolean idle = !ring.hasCompletions() && turnEnd.isEmpty() && closes.isEmpty();
        if (idle && context.canBlock() && !spin(context) && sleep(context)) {
            return;
        }
        if (ring.needsEnter()) {
            ring.enter();
        }
    }

    /** Looks for work for a while without sleeping; whether there is some. */
    private boolean spin(IoHandlerContext context) {
        if (spinNanos == 0) {
            return false;
        }
        if (ring.needsEnter()) {
            ring.enter();
        }
        long start = System.nanoTime();
        do {
            if (ring.hasCompletions() || ring.needsEnter() || !context.canBlock() || groups.canFeedStarved()) {
                return true;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - start < spinNanos);
        return false;
    }

    /** Waits for a completion, the next scheduled task or a wake-up; {@code false} if there turned out to be work already. */
    private boolean sleep(IoHandlerContext context) {
        long timeoutNanos = NO_DEADLINE;
        if (context.deadlineNanos() != NO_DEADLINE) {
            timeoutNanos = context.delayNanos(System.nanoTime());
            if (timeoutNanos <= 0) {
                return false;
            }
        }
        wakeup.fallAsleep(ring);
        // from here on whoever gives us work wakes us; who did before is seen now
        try {
            boolean idle = context.canBlock() && !groups.canFeedStarved();
            if (idle) {
                ring.enterAndWait(groups.limitSleep(timeoutNanos));
            }
            return idle;
        } finally {
            wakeup.awake();
        }
    }

    private int dispatchTimed(IoHandlerContext context) {
        long start = System.nanoTime();
        int handled = dispatch();
        context.reportActiveIoTime(System.nanoTime() - start);
        return handled;
    }

    int dispatch() {
        endIfCompletionsLost(); // before what came behind them
        int handled = ring.dispatchCompletions(wakeup);
        // what is flushed from here on is submitted soon enough by the turn's own call
        flushedThisTurn = true;
        endTurns();
        flushedThisTurn = false;
        return handled;
    }

    /** All completions of a turn are handled. */
    void endTurns() {
        for (ReadLoop<?> loop = turnEnd.pollFirst(); loop != null; loop = turnEnd.pollFirst()) {
            endTurn(loop);
        }
    }

    /** Netty's pipelines throw if the executor of a handler takes no more tasks. */
    private static void endTurn(ReadLoop<?> loop) {
        try {
            loop.turnEnded();
        } catch (Throwable cause) {
            LOGGER.warn("Unexpected exception at the end of a turn of {}", loop.channel(), cause);
        }
    }

    /**
     * The first flush of a turn goes to the kernel at once, and only those after it wait for the turn's end: a handler that
     * blocks the loop afterwards, waiting for the answer, has sent what it flushed.
     */
    void submitFirstFlush() {
        if (!flushedThisTurn) {
            flushedThisTurn = true;
            ring.enter();
        }
    }

    /** Waits a moment for completions, and takes them, all in their order. From a task, not from within a completion. */
    void awaitCompletions() {
        if (!ring.hasCompletions()) {
            ring.enterAndWait(AWAIT_STEP_NANOS);
        }
        endIfCompletionsLost();
        ring.dispatchCompletions(wakeup);
    }

    /** Calls {@link ReadLoop#turnEnded()} when all completions of this turn, or the next, are handled. */
    void atTurnEnd(ReadLoop<?> loop) {
        turnEnd.addLast(loop);
    }

    /** The loop's channel leaves this event loop. */
    void forget(ReadLoop<?> loop) {
        turnEnd.remove(loop);
        groups.forget(loop);
    }

    Ring ring() {
        return ring;
    }

    BufferGroups groups() {
        return groups;
    }

    /** Whether the kernel has rings of buffers to receive into. */
    boolean providesBuffers() {
        return providesBuffers;
    }

    StreamSend.Pool sends() {
        return sends;
    }

    NativeBlocks blocks() {
        return blocks;
    }

    DatagramBatch datagramBatch() {
        return datagramBatch;
    }

    PipePool pipes() {
        return pipes;
    }

    FixedBuffers fixedBuffers() {
        return fixedBuffers;
    }

    boolean isShuttingDown() {
        return shuttingDown;
    }

    Closes closes() {
        return closes;
    }

    RegionChunks regionChunks() {
        return regionChunks;
    }

    PageCache pageCache() {
        return pageCache;
    }

    ZeroCopyPaths zeroCopyPaths() {
        return zeroCopyPaths;
    }

    boolean sendsZeroCopy() {
        return sendsZeroCopy;
    }

    UringMetrics metrics() {
        return metrics;
    }

    @Override
    public void prepareToDestroy() {
        shuttingDown = true;
        registrations.closeAll();
    }

    @Override
    public void destroy() {
        if (destroyed) {
            return;
        }
        prepareToDestroy();
        LoopEnd end = new LoopEnd(this);
        if (refusal == null) {
            end.drain();
        } // else nothing is in flight, and the ring may not be entered
        destroyed = true;
        wakeup.close();
        pipes.close();
        fixedBuffers.close();
        end.release();
    }

    @Override
    public IoRegistration register(IoHandle handle) {
        if (!(handle instanceof UringIoHandle)) {
            throw new IllegalArgumentException("handle: " + StringUtil.simpleClassName(handle) + " (expected: a "
                    + StringUtil.simpleClassName(UringIoHandle.class) + ", such as this transport's channels have)");
        }
        if (refusal != null) {
            throw new IllegalStateException("the event loop could not begin: " + refusal.getMessage(), refusal);
        }
        if (shuttingDown) {
            throw new IllegalStateException("the event loop is shutting down");
        }
        IoRegistration registration = registrations.add((UringIoHandle) handle);
        handle.registered();
        return registration;
    }

    @Override
    public void wakeup() {
        if (!executor.isExecutorThread(Thread.currentThread())) {
            wakeup.wake();
        }
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return UringIoHandle.class.isAssignableFrom(handleType);
    }
}
