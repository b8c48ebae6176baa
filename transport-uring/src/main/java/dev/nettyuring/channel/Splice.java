// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.EventLoop;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that go from a socket to a sink through a pipe, and never see user space. The source's thread puts them into the pipe
 * and the sink's takes them out, which may be two; here each tells the other how far it has come.
 */
final class Splice {
    /** The length of a splice that ends with the stream. */
    static final long UNTIL_THE_END = Long.MAX_VALUE;

    /** The outcome of one that the user cancelled. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // a mark, which nobody throws
    static final Throwable CANCELLED = new CancellationException();

    private final UringStreamChannel channel;
    private final SpliceSource source;
    private final SpliceSink sink;
    private final long length;
    private final SplicePromise promise;

    /** Changed by the source's thread while there is nothing in it; the sink's looks only while there is. */
    private Pipe pipe;
    /** The source's thread writes it. */
    private final AtomicLong taken = new AtomicLong();
    /** The sink's thread writes it. */
    private final AtomicLong delivered = new AtomicLong();

    private volatile boolean allTaken;
    private volatile boolean sourceWaits;
    private volatile boolean sinkOver;
    private volatile Throwable sinkFailure;
    private Throwable outcome;

    Splice(UringStreamChannel channel, SpliceSource source, SpliceSink sink, long length) {
        this.channel = channel;
        this.source = source;
        this.sink = sink;
        this.length = length;
        promise = new SplicePromise(channel, source, this);
    }

    /** Runs a task on the channel's event loop, whichever that is by then, or at once if its loop is gone. */
    static void onLoop(UringStreamChannel channel, Runnable task) {
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(() -> onLoop(channel, task));
        } catch (RejectedExecutionException loopIsGone) {
            task.run();
        }
    }

    SplicePromise promise() {
        return promise;
    }

    SpliceSink sink() {
        return sink;
    }

    Pipe pipe() {
        return pipe;
    }

    void pipe(Pipe pipe) {
        this.pipe = pipe;
    }

    /** How much more is wanted. */
    long left() {
        return length - taken.get();
    }

    boolean isUntilTheEnd() {
        return length == UNTIL_THE_END;
    }

    long inPipe() {
        return taken.get() - delivered.get();
    }

    boolean isPipeEmpty() {
        return inPipe() == 0;
    }

    long delivered() {
        return delivered.get();
    }

    /** The source has put bytes into the pipe. */
    void took(long bytes) {
        taken.set(taken.getPlain() + bytes);
    }

    /** The source takes nothing any more. What is in the pipe is still delivered, and then it ends like that. */
    void endTaking(Throwable outcome) {
        this.outcome = outcome;
        allTaken = true;
    }

    boolean isAllTaken() {
        return allTaken;
    }

    /** Whether the pipe is empty; if it is not, the sink will tell the source when there is less in it. */
    boolean isDrained() {
        sourceWaits = true;
        return isPipeEmpty();
    }

    /** The sink has taken bytes out of the pipe. */
    void deliver(long bytes) {
        long sum = delivered.getPlain() + bytes;
        delivered.set(sum);
        promise.progressed(sum, length);
        if (sourceWaits) {
            sourceWaits = false;
            onLoop(channel, source::proceed);
        }
    }

    /** The sink does not touch the pipe any more. */
    void sinkEnded(Throwable failure) {
        sinkFailure = failure;
        sinkOver = true;
        onLoop(channel, source::proceed);
    }

    boolean isSinkOver() {
        return sinkOver;
    }

    /** Whether nothing is left to do for either end. */
    boolean isOver() {
        return sinkOver || (allTaken && isDrained());
    }

    /** Tells the user. */
    void complete() {
        if (!allTaken || !isPipeEmpty()) {
            promise.tryFailure(sinkFailure);
        } else if (outcome == null) {
            promise.trySuccess();
        } else if (outcome == CANCELLED) {
            promise.endCancelled();
        } else {
            promise.tryFailure(outcome);
        }
    }
}
