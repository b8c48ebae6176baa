// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/** A thread gives a loop that sleeps a task, and spins until it has run: the loop is woken each time. */
@State(Scope.Thread)
public class WakeupBenchmark extends BufferBenchmark {
    /** Whose loop. */
    @Param
    public Transport transport;

    private final Runnable task = this::hasRun;
    private volatile boolean ran;
    private EventLoopGroup group;
    private EventLoop loop;

    /** Starts a loop. */
    @Setup
    public void setUp() {
        group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        loop = group.next();
    }

    private void hasRun() {
        ran = true;
    }

    /** There and back. */
    @Benchmark
    public void wake(Control control) {
        ran = false;
        loop.execute(task);
        while (!ran && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
    }

    /** Ends it. */
    @TearDown
    public void tearDown() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
