// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.micrometer;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * The {@link UringMetrics} of a group's event loops, as meters named {@code netty.uring.…}, each with a tag {@code name}: the
 * loop's thread, as in Micrometer's own {@code NettyEventExecutorMetrics}, which counts the tasks of these loops as of others.
 *
 * <pre>
 * EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
 * new UringEventLoopMetrics(group).bindTo(registry);
 * </pre>
 *
 * <p>Reading a meter costs the loop nothing. The meters of a loop are removed from the registry when it has ended; neither
 * they nor this binder keep the group. Loops that are not on io_uring, as those that a program falls back to, have none.
 *
 * <p>Any thread may use it.
 */
public final class UringEventLoopMetrics implements MeterBinder {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(UringEventLoopMetrics.class);
    private static final String NAME = "name";

    private final WeakReference<EventExecutorGroup> loops;
    private final Iterable<Tag> tags;

    /**
     * Binds nothing yet.
     *
     * @param loops a group, or one event loop; their threads' names are to differ from all others' in the registry
     */
    public UringEventLoopMetrics(EventExecutorGroup loops) {
        this(loops, Tags.empty());
    }

    /**
     * The same, with more tags.
     *
     * @param tags for all meters
     */
    public UringEventLoopMetrics(EventExecutorGroup loops, Iterable<Tag> tags) {
        this.loops = new WeakReference<>(loops);
        this.tags = tags;
    }

    /** Starts the threads of those loops that were not used yet, to learn their names. */
    @Override
    public void bindTo(MeterRegistry registry) {
        EventExecutorGroup group = loops.get();
        if (group == null) {
            return;
        }
        for (EventExecutor loop : group) {
            if (isOnUring(loop) && !loop.isShuttingDown()) {
                try {
                    bind(loop, registry);
                } catch (RejectedExecutionException e) {
                    // it ends, and was never used: it has no thread, and nothing to count
                    LOGGER.debug("No meters of {}, which is shutting down", loop, e);
                }
            }
        }
    }

    private static boolean isOnUring(EventExecutor loop) {
        return loop instanceof IoEventLoop && ((IoEventLoop) loop).isIoType(UringIoHandler.class);
    }

    private void bind(EventExecutor loop, MeterRegistry registry) {
        LoopMeters meters = new LoopMeters(UringMetrics.of(loop), Tags.of(tags).and(NAME, threadName(loop)), registry);
        List<Meter> bound = meters.register();
        loop.terminationFuture().addListener(ended -> bound.forEach(registry::remove));
    }

    private static String threadName(EventExecutor loop) {
        return loop instanceof SingleThreadEventExecutor
                ? ((SingleThreadEventExecutor) loop).threadProperties().name()
                : loop.toString();
    }
}
