// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.RejectedExecutionException;

/**
 * One RECV into a buffer of the user's, which is the kernel's until it completes. It waits until the receiver's own receives
 * are over, and takes what they brought first. Loop thread only.
 */
final class BufferRead extends Operation {
    private static final int END_OF_STREAM = 0;

    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private ByteBuf buffer;
    private ReadPromise promise;
    private boolean cancelled;

    BufferRead(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    /** The user's side: it is done when the kernel no longer has the buffer, and not before. */
    final class ReadPromise extends DefaultPromise<ByteBuf> {
        ReadPromise(EventLoop loop) {
            super(loop);
        }

        /** The loop that the channel is on by now. */
        @Override
        protected EventExecutor executor() {
            return channel.eventLoop();
        }

        /** Asks the kernel to give the buffer back; what it has received by then makes this a success. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            if (isDone()) {
                return false;
            }
            try {
                // behind the task that begins it
                channel.eventLoop().execute(() -> Splice.onLoop(channel, () -> cancelRead(this)));
                return true;
            } catch (RejectedExecutionException loopIsGone) {
                return false;
            }
        }

        private void endCancelled() {
            super.cancel(false);
        }
    }

    boolean isPending() {
        return promise != null;
    }

    /** Why it cannot begin now; {@code null} if it can. */
    Exception refusal() {
        if (!channel.isOpen()) {
            return new ClosedChannelException();
        }
        if (!channel.isActive()) {
            return new NotYetConnectedException();
        }
        if (receiver.isPipelineReading()) {
            return new IllegalStateException("the pipeline is reading, which readInto() would take bytes from: call"
                    + " config().setAutoRead(false) first, and not read()");
        }
        if (channel.readsDescriptors() || !receiver.isEveryKept(ByteBuf.class)) {
            return Diversions.descriptorsFirst();
        }
        if (receiver.diversions().splices().isPending()) {
            return new IllegalStateException("a spliceTo() is not over yet");
        }
        return isPending() ? new IllegalStateException("another readInto() is not over yet") : null;
    }

    /** Begins; the caller has retained the buffer. */
    void begin(ByteBuf buffer, ReadPromise promise) {
        this.buffer = buffer;
        this.promise = promise;
        cancelled = false;
        buffer.touch(this);
        proceed();
    }

    /** Nothing else receives any more, perhaps. */
    void proceed() {
        if (isInFlight()) {
            return;
        }
        if (receiver.takeKept(buffer)) {
            succeed();
        } else if (receiver.isDescriptorNext()) {
            fail(Diversions.descriptorsFirst()); // it was on its way when this began
        } else if (receiver.isEnded()) {
            receiver.passEndTo(this);
        } else if (channel.isOnLoop() && !receiver.cancelReceives()) {
            receive();
        }
    }

    private void receive() {
        if (channel.isInputShutdown()) {
            succeed(); // with nothing, as at the end of the stream
        } else if (receiver.canReceive()) {
            channel.submit(this);
        }
    }

    private void cancelRead(ReadPromise asked) {
        if (promise != asked) {
            return; // it is over
        }
        cancelled = true;
        if (isInFlight() && channel.isOnLoop()) {
            channel.handler().ring().cancel(this);
        } else if (!isInFlight()) {
            over().endCancelled();
            receiver.goOn();
        }
    }

    /** The channel is closed. */
    void close() {
        if (isPending() && !isInFlight()) {
            fail(new ClosedChannelException());
        }
    }

    void succeed() {
        ByteBuf result = buffer;
        over().setSuccess(result);
    }

    void fail(Exception cause) {
        over().setFailure(cause);
    }

    private ReadPromise over() {
        ReadPromise promise = this.promise;
        this.promise = null;
        buffer.release();
        buffer = null;
        return promise;
    }

    @Override
    protected void encode(Submission sqe) {
        sqe.operation(Abi.IORING_OP_RECV, channel.socket().fd())
                .addr(MemoryAddress.of(buffer, buffer.writerIndex()))
                .len(buffer.writableBytes());
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (result > 0) {
            buffer.writerIndex(buffer.writerIndex() + result);
            succeed();
        } else if (!channel.isOpen()) {
            fail(new ClosedChannelException());
            return;
        } else if (cancelled && result < 0 && Errno.isTransient(-result)) { // EINTR if a worker had it
            over().endCancelled();
        } else if (result == END_OF_STREAM || !Errno.isTransient(-result)) {
            receiver.streamEnded(result);
            return;
        }
        receiver.goOn();
    }

    @Override
    public String toString() {
        return "RECV into a user's buffer on " + channel;
    }
}
