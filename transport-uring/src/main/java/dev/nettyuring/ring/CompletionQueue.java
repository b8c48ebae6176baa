// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The completion queue, read one completion after another: {@link #next()} steps to it, {@link #userData()},
 * {@link #result()} and {@link #flags()} read it. Loop thread only.
 *
 * <p>When room must be made for the kernel while a completion is being handled, those behind it are
 * {@linkplain #stash stashed} in Java memory and come out first afterwards, in their order.
 */
final class CompletionQueue {
    private final ByteBuffer ring;
    private final int headOffset;
    private final int tailOffset;
    private final int cqesOffset;
    private final int entries;
    private final int mask;
    private int head;

    private long[] stashedUserData = new long[0];
    private long[] stashedResult = new long[0];
    private int stashHead;
    private int stashTail;

    private long userData;
    private int result;
    private int flags;

    CompletionQueue(ByteBuffer ring, ByteBuffer params) {
        this.ring = ring;
        headOffset = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_HEAD);
        tailOffset = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_TAIL);
        cqesOffset = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_CQES);
        entries = params.getInt(Abi.PARAMS_CQ_ENTRIES);
        mask = ring.getInt(params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_RING_MASK));
        head = ring.getInt(headOffset);
    }

    int entries() {
        return entries;
    }

    boolean isEmpty() {
        return stashHead == stashTail && head == kernelTail();
    }

    private int kernelTail() {
        return (int) SubmissionQueue.INT.getAcquire(ring, tailOffset);
    }

    /** Steps to the next completion; {@code false} if there is none. */
    boolean next() {
        if (stashHead != stashTail) {
            unstash();
            return true;
        }
        if (head == kernelTail()) {
            return false;
        }
        read(head++);
        return true;
    }

    private void read(int index) {
        int cqe = cqesOffset + (index & mask) * Abi.CQE_SIZE;
        userData = ring.getLong(cqe + Abi.CQE_USER_DATA);
        result = ring.getInt(cqe + Abi.CQE_RES);
        flags = ring.getInt(cqe + Abi.CQE_FLAGS);
    }

    long userData() {
        return userData;
    }

    int result() {
        return result;
    }

    int flags() {
        return flags;
    }

    /** Gives the kernel the room of every completion that was stepped to. */
    void release() {
        SubmissionQueue.INT.setRelease(ring, headOffset, head);
    }

    /** Takes everything out of the kernel's queue, to be stepped to later. */
    void stash() {
        int tail = kernelTail();
        while (head != tail) {
            read(head++);
            stashCurrent();
        }
        release();
    }

    private void stashCurrent() {
        if (stashTail == stashedUserData.length) {
            makeStashRoom();
        }
        stashedUserData[stashTail] = userData;
        stashedResult[stashTail++] = ((long) flags << Integer.SIZE) | (result & 0xffff_ffffL);
    }

    private void makeStashRoom() {
        int count = stashTail - stashHead;
        int capacity = Math.max(entries, count * 2);
        stashedUserData = Arrays.copyOf(Arrays.copyOfRange(stashedUserData, stashHead, stashTail), capacity);
        stashedResult = Arrays.copyOf(Arrays.copyOfRange(stashedResult, stashHead, stashTail), capacity);
        stashHead = 0;
        stashTail = count;
    }

    private void unstash() {
        take(stashHead++);
        if (stashHead == stashTail) {
            stashHead = 0;
            stashTail = 0;
        }
    }

    private void take(int stashed) {
        userData = stashedUserData[stashed];
        result = (int) stashedResult[stashed];
        flags = (int) (stashedResult[stashed] >>> Integer.SIZE);
    }

    /** Steps to a stashed completion of one operation, ahead of its turn; {@code false} if there is none. */
    boolean nextStashed(long wanted) {
        for (int i = stashHead; i < stashTail; i++) {
            if (stashedUserData[i] == wanted) {
                take(i);
                int behind = stashTail - i - 1;
                System.arraycopy(stashedUserData, i + 1, stashedUserData, i, behind);
                System.arraycopy(stashedResult, i + 1, stashedResult, i, behind);
                stashTail--;
                return true;
            }
        }
        return false;
    }
}
