// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jfr.FlightEvents;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/**
 * A read loop that is fed from the loop's provided buffers. While there are none it waits in line for some, or allocates; and
 * it stops receiving when something came that nobody reads. Loop thread only.
 *
 * @param <M> the messages
 */
abstract class BufferReadLoop<M> extends ReadLoop<M> implements BufferSupply.Receiver {
    private static final long MEMORY_RETRY_MILLIS = 100;

    /** {@code null} before the first. */
    private Runnable pauseTask;

    private boolean starved;
    private boolean toldExhausted;
    private boolean pauseScheduled;

    BufferReadLoop(AbstractUringChannel channel) {
        super(channel);
    }

    /** There may be something to be armed. */
    abstract void goOn();

    /** The same; without provided buffers, if that is to receive. */
    abstract void goOnAllocating();

    /** Cancels what receives for the pipeline. */
    abstract void cancelArmed();

    /** Whether it waits for buffers. */
    final boolean isStarved() {
        return starved;
    }

    @Override
    public int expectedBytes() {
        return 0;
    }

    /** It got a buffer, and is told again when there is none any more. */
    final void fed() {
        toldExhausted = false;
    }

    /** There was no buffer for it. */
    void starve(BufferSupply supply) {
        starved = true;
        supply.starve(this);
    }

    /** It waits for buffers no longer. */
    final void leaveLine() {
        starved = false;
        channel().handler().groups().forget(this);
    }

    @Override
    public final void resume() {
        starved = false;
        goOn();
    }

    @Override
    public final void exhausted(UringBufferExhausted event) {
        if (starved && !toldExhausted && channel().isOpen()) {
            toldExhausted = true;
            channel().handler().metrics().exhausted();
            FlightEvents.bufferExhausted(channel(), event.receiveMemory());
            try {
                channel().pipeline().fireUserEventTriggered(event);
            } catch (Throwable cause) { // the executor of a handler takes no more tasks
                channel().pipeline().fireExceptionCaught(cause);
            }
        }
    }

    @Override
    public final void resumeAllocating() {
        starved = false;
        goOnAllocating();
    }

    /** There is no memory to receive with. What was to be received waits in the socket. */
    final void retryLater() {
        channel().eventLoop().schedule(this::retry, MEMORY_RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void retry() {
        if (channel().eventLoop().inEventLoop()) { // and did not move to another
            goOn();
        }
    }

    /** Memory for what the kernel is to be told; {@code null} if there is none now: then it is tried again later. */
    final NativeBlocks.Block allocateBlock(int bytes) {
        try {
            return channel().handler().blocks().allocate(bytes);
        } catch (UncheckedIOException noMemory) {
            retryLater();
            return null;
        }
    }

    /** Something came. If nobody reads it, receiving pauses. */
    final void pauseUnlessWanted() {
        if (!isEmpty() && !isWanted() && !pauseScheduled && channel().isOnLoop()) {
            // not at once: reading is often switched on again by a task that is waiting
            pauseScheduled = true;
            if (pauseTask == null) {
                pauseTask = this::pauseIfUnwanted;
            }
            channel().eventLoop().execute(pauseTask);
        }
    }

    private void pauseIfUnwanted() {
        pauseScheduled = false;
        if (channel().eventLoop().inEventLoop() && !isWanted() && channel().canSubmit()) {
            cancelArmed();
        }
    }

    @Override
    void leaveLoop() {
        super.leaveLoop();
        starved = false;
        toldExhausted = false;
    }
}
