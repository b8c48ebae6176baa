// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes benchmark threads that every allocator takes for an event loop's, and so gives caches of their own. JMH creates it
 * by name.
 */
public final class LoopThreads extends ThreadPoolExecutor {
    /** Asks JMH for these threads. */
    static final String EXECUTOR = "-Djmh.executor=CUSTOM";
    /** Tells JMH where they are. */
    static final String EXECUTOR_CLASS = "-Djmh.executor.class=dev.nettyuring.microbench.LoopThreads";
    /** What is measured is the buffers, not the tracking of every 128th. */
    static final String NO_LEAK_DETECTION = "-Dio.netty.leakDetection.level=disabled";

    /** Called by JMH. */
    public LoopThreads(int threads, String name) {
        super(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                ThreadExecutorMap.apply(new DefaultThreadFactory(name, true), GlobalEventExecutor.INSTANCE));
    }
}
