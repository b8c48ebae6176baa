// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * The submission queue: we write entries and its tail, the kernel its head. Entries become the kernel's when the tail is
 * {@linkplain #publish published}. Loop thread only.
 */
final class SubmissionQueue {
    static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer ring;
    private final int headOffset;
    private final int tailOffset;
    private final int flagsOffset;
    private final int entries;
    private final int mask;
    private final Submission submission;
    /** Where the next entry goes; runs freely, as the kernel's own indices do. */
    private int tail;

    /**
     * @param ring the memory that holds the indices
     * @param params what io_uring_setup(2) filled in
     * @param sqes the memory that holds the entries
     * @param indexArray whether the kernel reads entries through an index array (no NO_SQARRAY)
     */
    SubmissionQueue(ByteBuffer ring, ByteBuffer params, ByteBuffer sqes, boolean indexArray) {
        this.ring = ring;
        headOffset = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_HEAD);
        tailOffset = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_TAIL);
        flagsOffset = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_FLAGS);
        entries = params.getInt(Abi.PARAMS_SQ_ENTRIES);
        mask = ring.getInt(params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_RING_MASK));
        submission = new Submission(sqes);
        tail = ring.getInt(tailOffset);
        if (indexArray) {
            int array = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_ARRAY);
            for (int i = 0; i < entries; i++) {
                ring.putInt(array + i * Integer.BYTES, i);
            }
        }
    }

    int entries() {
        return entries;
    }

    /** How many entries the kernel has not taken yet. */
    int pending() {
        return tail - (int) INT.getAcquire(ring, headOffset);
    }

    /** What the kernel has not taken, an entry at a time. */
    void forEachPending(Consumer<Submission> action) {
        for (int index = tail - pending(); index != tail; index++) {
            action.accept(submission.of(index & mask));
        }
    }

    boolean isFull() {
        return pending() == entries;
    }

    /** The next entry, all zero; the queue must not be full. */
    Submission next() {
        return submission.at(tail++ & mask);
    }

    /** Takes the last entry back, which was not published yet. */
    void withdraw() {
        tail--;
    }

    /** Makes all entries written so far the kernel's at the next io_uring_enter(2); returns their number. */
    int publish() {
        INT.setRelease(ring, tailOffset, tail);
        return pending();
    }

    /** IORING_SQ_* flags, which the kernel sets and clears. */
    int flags() {
        return (int) INT.getAcquire(ring, flagsOffset);
    }
}
