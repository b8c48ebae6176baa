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
 * {@linkplain #stashNext stashed} in Java memory and come out first afterwards, in their order.
 */
final class CompletionQueue {
    /** In the stash: of no operation, and gone. */
    private static final long TAKEN = -1;

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
    /** How far on those at the arrays' beginning are, of all that were ever stashed. */
    private long stashBase;

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
            take(stashHead++);
            dropTaken();
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

    /**
     * Takes one completion out of the kernel's queue, to be stepped to later; {@code false} if there is none, and the kernel has
     * all its room.
     */
    boolean stashNext() {
        if (head == kernelTail()) {
            release();
            return false;
        }
        read(head++);
        if (stashTail == stashedUserData.length) {
            makeStashRoom();
        }
        stashedUserData[stashTail] = userData;
        stashedResult[stashTail++] = ((long) flags << Integer.SIZE) | (result & 0xffff_ffffL);
        return true;
    }

    /** Where the completion is that was stashed last. */
    long lastStashed() {
        return stashBase + stashTail - 1;
    }

    private void makeStashRoom() {
        int count = stashTail - stashHead;
        int capacity = Math.max(entries, count * 2);
        stashedUserData = Arrays.copyOf(Arrays.copyOfRange(stashedUserData, stashHead, stashTail), capacity);
        stashedResult = Arrays.copyOf(Arrays.copyOfRange(stashedResult, stashHead, stashTail), capacity);
        stashBase += stashHead;
        stashHead = 0;
        stashTail = count;
    }

    private void take(int stashed) {
        userData = stashedUserData[stashed];
        result = (int) stashedResult[stashed];
        flags = (int) (stashedResult[stashed] >>> Integer.SIZE);
    }

    /**
     * Steps to a stashed completion of one operation, ahead of its turn; {@code false} if there is none.
     *
     * @param from where the first may be: behind what others have there, which may be much
     */
    boolean nextStashed(long wanted, long from) {
        for (int i = (int) Math.max(stashHead, from - stashBase); i < stashTail; i++) {
            if (stashedUserData[i] == wanted) {
                take(i);
                stashedUserData[i] = TAKEN;
                dropTaken();
                return true;
            }
        }
        return false;
    }

    /** So that the stash is empty when nothing is left in it. */
    private void dropTaken() {
        while (stashTail > stashHead && stashedUserData[stashTail - 1] == TAKEN) {
            stashTail--;
        }
        while (stashHead < stashTail && stashedUserData[stashHead] == TAKEN) {
            stashHead++;
        }
        if (stashHead == stashTail) {
            stashBase += stashTail;
            stashHead = 0;
            stashTail = 0;
        }
    }
}
