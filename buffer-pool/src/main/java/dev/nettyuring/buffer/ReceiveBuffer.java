// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One of a loop's {@link ReceiveBuffers}: what the kernel knows by its buffer id. While it is lent, the kernel holds one
 * reference to it and every piece in the pipeline another; when the last goes, on whichever thread, it goes home.
 */
final class ReceiveBuffer {
    private static final VarHandle USERS;
    private static final VarHandle STATE;
    /** {@link #users} counts references in its upper half, and in the lower the bytes of the pieces that hold them. */
    private static final long REFERENCE = 1L << Integer.SIZE;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(ReceiveBuffer.class, "users", long.class);
            STATE = MethodHandles.lookup().findVarHandle(ReceiveBuffer.class, "state", BufferState.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ReceiveBuffers home;
    final short id;
    final long address;
    final ByteBuffer memory;
    /** How much of it the kernel has filled. Loop thread only. */
    int filled;
    /** Whether the kernel may have written anywhere in it, since it did not say what. Loop thread only. */
    boolean unsure;
    /** Links the buffers that are {@link BufferState#RETURNING}. */
    ReceiveBuffer nextReturned;

    /** The same memory in native byte order, once somebody looked at what the kernel wrote; {@code null} before. */
    private ByteBuffer nativeOrder;

    /** Whoever has the buffer writes it, and hands it on by other means. */
    @SuppressWarnings("FieldMayBeFinal") // written through STATE
    private BufferState state = BufferState.FREE;

    @SuppressWarnings("unused") // through USERS
    private volatile long users;

    ReceiveBuffer(ReceiveBuffers home, short id, long address, ByteBuffer memory) {
        this.home = home;
        this.id = id;
        this.address = address;
        this.memory = memory;
    }

    int capacity() {
        return memory.capacity();
    }

    /** The memory in the kernel's byte order. Loop thread only. */
    ByteBuffer inNativeOrder() {
        if (nativeOrder == null) {
            nativeOrder = memory.duplicate().order(ByteOrder.nativeOrder());
        }
        return nativeOrder;
    }

    BufferState state() {
        return (BufferState) STATE.getAcquire(this);
    }

    void moveTo(BufferState next) {
        home.census().moved(state(), next, home.isOnLoop());
        STATE.setRelease(this, next);
    }

    /** Behind so many bytes nobody has written since it was lent. Whoever has it. */
    int written() {
        return unsure ? capacity() : filled;
    }

    /** How many bytes of it are in the pipeline. Any thread. */
    int bytesInPipeline() {
        return (int) users;
    }

    /** The kernel may write to it from now on. Loop thread. */
    void lend() {
        filled = 0;
        unsure = false;
        moveTo(BufferState.KERNEL);
        USERS.setRelease(this, REFERENCE);
    }

    /** The kernel will not write to it any more. Loop thread. */
    void kernelDone() {
        moveTo(BufferState.PIPELINE);
        release(0);
    }

    /** A piece of it goes to the pipeline. */
    void retain(int bytes) {
        long before = (long) USERS.getAndAdd(this, REFERENCE + bytes);
        assert before >= REFERENCE : "buffer " + id + " is nobody's to retain";
    }

    /** A piece of it is gone. Any thread. */
    void release(int bytes) {
        long left = (long) USERS.getAndAdd(this, -REFERENCE - bytes) - REFERENCE - bytes;
        assert left >= 0 : "buffer " + id + " released once too often";
        if (left < REFERENCE) {
            assert left == 0 : "buffer " + id + " has " + left + " bytes in nobody's piece";
            moveTo(BufferState.RETURNING);
            home.giveBack(this);
        }
    }
}
