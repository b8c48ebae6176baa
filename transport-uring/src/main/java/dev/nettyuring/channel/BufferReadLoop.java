// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jfr.FlightEvents;

/**
 * A read loop that is fed from the loop's provided buffers. While there are none it waits in line for some, or allocates; and
 * it stops receiving when something came that nobody reads. Loop thread only.
 *
 * @param <M> the messages
 */
abstract class BufferReadLoop<M> extends ReadLoop<M> implements BufferSupply.Receiver {
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
        toldExhausted = false;
        goOn();
    }

    @Override
    public final boolean exhausted(UringBufferExhausted event) {
        if (toldExhausted) {
            return false;
        }
        toldExhausted = true;
        channel().handler().metrics().exhausted();
        FlightEvents.bufferExhausted(channel(), event.receiveMemory());
        channel().pipeline().fireUserEventTriggered(event);
        return true;
    }

    @Override
    public final void resumeAllocating() {
        starved = false;
        goOnAllocating();
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
    }
}
