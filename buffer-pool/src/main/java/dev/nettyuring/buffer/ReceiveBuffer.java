// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * One buffer of a {@link ReceivePool}: what the kernel knows by its buffer id. While it is lent, the kernel holds one
 * reference to it and every piece in the pipeline another; when the last goes, on whichever thread, it returns to its
 * pool.
 */
final class ReceiveBuffer {
    private static final VarHandle REFERENCES;

    static {
        try {
            REFERENCES = MethodHandles.lookup().findVarHandle(ReceiveBuffer.class, "references", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ReceivePool pool;
    final short id;
    final long address;
    final ByteBuffer memory;
    /** How much of it the kernel has filled. Loop thread only. */
    int filled;
    /** Links the buffers that are {@link BufferState#RETURNING}. */
    ReceiveBuffer nextReturned;

    private volatile BufferState state = BufferState.FREE;

    @SuppressWarnings("unused") // through REFERENCES
    private volatile int references;

    ReceiveBuffer(ReceivePool pool, short id, long address, ByteBuffer memory) {
        this.pool = pool;
        this.id = id;
        this.address = address;
        this.memory = memory;
    }

    int capacity() {
        return memory.capacity();
    }

    BufferState state() {
        return state;
    }

    void moveTo(BufferState next) {
        pool.census().moved(state, next);
        state = next;
    }

    /** The kernel may write to it from now on. Loop thread. */
    void lend() {
        filled = 0;
        moveTo(BufferState.KERNEL);
        REFERENCES.setRelease(this, 1);
    }

    /** The kernel will not write to it any more. Loop thread. */
    void kernelDone() {
        moveTo(BufferState.PIPELINE);
        release();
    }

    void retain() {
        int before = (int) REFERENCES.getAndAdd(this, 1);
        assert before > 0 : "buffer " + id + " is nobody's to retain";
    }

    /** Any thread. */
    void release() {
        int before = (int) REFERENCES.getAndAdd(this, -1);
        assert before > 0 : "buffer " + id + " released once too often";
        if (before == 1) {
            moveTo(BufferState.RETURNING);
            pool.giveBack(this);
        }
    }
}
