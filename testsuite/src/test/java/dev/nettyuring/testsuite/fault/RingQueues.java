// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Abi;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The memory of a ring's queues, from either side: as who submits and takes completions, or as who takes and completes. */
final class RingQueues {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final Layout layout;
    private final ByteBuffer ring;
    private final ByteBuffer sqes;
    private int sqHead;
    private int sqTail;
    private int cqHead;
    private int cqTail;
    private int cqe;

    /** Where things are. */
    static final class Layout {
        final int sqEntries;
        final int sqHead;
        final int sqTail;
        final int sqFlags;
        final int sqArray;
        final boolean indexed;
        final int cqEntries;
        final int cqHead;
        final int cqTail;
        final int cqes;

        Layout(ByteBuffer params) {
            sqEntries = params.getInt(Abi.PARAMS_SQ_ENTRIES);
            sqHead = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_HEAD);
            sqTail = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_TAIL);
            sqFlags = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_FLAGS);
            sqArray = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_ARRAY);
            indexed = (params.getInt(Abi.PARAMS_FLAGS) & Abi.IORING_SETUP_NO_SQARRAY) == 0;
            cqEntries = params.getInt(Abi.PARAMS_CQ_ENTRIES);
            cqHead = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_HEAD);
            cqTail = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_TAIL);
            cqes = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_CQES);
        }
    }

    RingQueues(Layout layout, ByteBuffer ring, ByteBuffer sqes) {
        this.layout = layout;
        this.ring = ring.order(ByteOrder.nativeOrder());
        this.sqes = sqes.order(ByteOrder.nativeOrder());
    }

    /** Submissions go through the index array in their order, if there is one. */
    void identity() {
        for (int i = 0; layout.indexed && i < layout.sqEntries; i++) {
            ring.putInt(layout.sqArray + i * Integer.BYTES, i);
        }
    }

    private int acquire(int offset) {
        return (int) INT.getAcquire(ring, offset);
    }

    private void release(int offset, int value) {
        INT.setRelease(ring, offset, value);
    }

    private ByteBuffer sqe(int index) {
        int at = (index & (layout.sqEntries - 1)) * Abi.SQE_SIZE;
        return sqes.slice(at, Abi.SQE_SIZE).order(ByteOrder.nativeOrder());
    }

    int flags() {
        return acquire(layout.sqFlags);
    }

    // As who submits, and takes completions.

    int submissionRoom() {
        return layout.sqEntries - (sqTail - acquire(layout.sqHead));
    }

    /** Copies it; it may be changed until it is published. */
    ByteBuffer addSubmission(ByteBuffer from) {
        ByteBuffer sqe = sqe(sqTail++);
        sqe.put(0, from, 0, Abi.SQE_SIZE);
        return sqe;
    }

    void addCancellation(long operation, long userData) {
        ByteBuffer sqe = sqe(sqTail++);
        sqe.put(0, new byte[Abi.SQE_SIZE]);
        sqe.put(Abi.SQE_OPCODE, (byte) Abi.IORING_OP_ASYNC_CANCEL);
        sqe.putInt(Abi.SQE_FD, -1);
        sqe.putLong(Abi.SQE_ADDR, operation);
        sqe.putLong(Abi.SQE_USER_DATA, userData);
    }

    /** Returns how many the kernel has not taken. */
    int publishSubmissions() {
        release(layout.sqTail, sqTail);
        return sqTail - acquire(layout.sqHead);
    }

    boolean nextCompletion() {
        if (cqHead == acquire(layout.cqTail)) {
            return false;
        }
        cqe = cqe(cqHead++);
        return true;
    }

    private int cqe(int index) {
        return layout.cqes + (index & (layout.cqEntries - 1)) * Abi.CQE_SIZE;
    }

    long userData() {
        return ring.getLong(cqe + Abi.CQE_USER_DATA);
    }

    int result() {
        return ring.getInt(cqe + Abi.CQE_RES);
    }

    int completionFlags() {
        return ring.getInt(cqe + Abi.CQE_FLAGS);
    }

    void releaseCompletions() {
        release(layout.cqHead, cqHead);
    }

    // As the kernel.

    ByteBuffer nextSubmission() {
        assert sqHead != acquire(layout.sqTail) : "more is submitted than there is";
        return sqe(sqHead++);
    }

    /** How many wait to be taken. */
    int waiting() {
        return acquire(layout.sqTail) - sqHead;
    }

    void releaseSubmissions() {
        release(layout.sqHead, sqHead);
    }

    void flags(int flags) {
        release(layout.sqFlags, flags);
    }

    int completions() {
        return cqTail - acquire(layout.cqHead);
    }

    int completionRoom() {
        return layout.cqEntries - completions();
    }

    void addCompletion(long userData, int result, int flags) {
        int at = cqe(cqTail++);
        ring.putLong(at + Abi.CQE_USER_DATA, userData);
        ring.putInt(at + Abi.CQE_RES, result);
        ring.putInt(at + Abi.CQE_FLAGS, flags);
    }

    void publishCompletions() {
        release(layout.cqTail, cqTail);
    }
}
