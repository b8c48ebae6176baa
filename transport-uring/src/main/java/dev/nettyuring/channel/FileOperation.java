// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Operation;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;

/** One thing that a {@link UringFile} is asked to do, and the future that says what came of it. Loop thread only. */
abstract class FileOperation<T> extends Operation {
    final UringFile file;
    private final FilePromise promise;
    private boolean cancelled;

    FileOperation(UringFile file) {
        this.file = file;
        promise = new FilePromise(file.loop());
    }

    /** The user's side: it is done when the kernel no longer has what it was given, and not before. */
    private final class FilePromise extends DefaultPromise<T> {
        private final EventLoop loop;

        FilePromise(EventLoop loop) {
            super(loop);
            this.loop = loop;
        }

        /** Asks the kernel to stop; what it has done by then may make this a success. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            if (isDone() || !isCancellable()) {
                return false;
            }
            try {
                loop.execute(FileOperation.this::cancel);
                return true;
            } catch (RejectedExecutionException loopIsGone) {
                return false;
            }
        }

        private void endCancelled() {
            super.cancel(false);
        }
    }

    /** Any thread. */
    final Future<T> future() {
        return promise;
    }

    final void refuseToBeCancelled() {
        promise.setUncancellable();
    }

    /** Begins. It fails if there is no memory for what the kernel is to be told. */
    final void start() {
        try {
            submit();
        } catch (UncheckedIOException e) {
            fail(e.getCause());
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** Hands it to the kernel, if the file is open. */
    void submit() {
        if (!file.submit(this)) {
            fail(new ClosedChannelException());
        }
    }

    /** Goes on with what is left, unless nobody wants it any more. */
    final void startRest() {
        if (cancelled) {
            endCancelled();
        } else {
            start();
        }
    }

    private void endCancelled() {
        release();
        promise.endCancelled();
    }

    private void cancel() {
        cancelled = true;
        if (isInFlight()) {
            file.handler().ring().cancel(this);
        }
    }

    /** Takes in what the kernel did: ends it, by {@link #succeed} or {@link #fail}, or starts the rest. */
    abstract void done(int result);

    /** Whether an error means that nothing has happened, and that another attempt may do better. */
    boolean isToBeRepeated(int errno) {
        return Errno.isTransient(errno);
    }

    /** What the call is named in messages. */
    abstract String call();

    /** The memory that it used is not needed any more. */
    abstract void release();

    @Override
    protected final void complete(int result, int flags, boolean last) {
        file.completed();
        ended(result);
        file.closeIfIdle();
    }

    /** The kernel is done with it, or it was done without a ring. */
    final void ended(int result) {
        if (result >= 0) {
            done(result);
        } else if (!isToBeRepeated(-result)) {
            fail(error(result));
        } else if (cancelled) {
            endCancelled();
        } else {
            start();
        }
    }

    IOException error(int result) {
        return new IOException(file.path() + ": " + Errno.message(call(), result));
    }

    final void succeed(T value) {
        release();
        promise.trySuccess(value);
    }

    /** Any thread, if it is not in flight. */
    final void fail(Throwable cause) {
        release();
        promise.tryFailure(cause);
    }

    @Override
    public final String toString() {
        return call() + " of " + file.path();
    }
}
