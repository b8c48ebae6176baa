// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Abi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue alone, on memory in which the test plays the kernel. */
class SubmissionQueueTest {
    private static final int ENTRIES = 8;
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int FLAGS = 12;
    private static final int ARRAY = 64;

    private final ByteBuffer ring = memory(128);
    private final ByteBuffer sqes = memory(ENTRIES * Abi.SQE_SIZE);

    private static ByteBuffer memory(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private SubmissionQueue queueAt(int index, boolean indexArray) {
        ring.putInt(HEAD, index).putInt(TAIL, index).putInt(MASK, ENTRIES - 1);
        ByteBuffer params = memory(Abi.PARAMS_SIZE);
        params.putInt(Abi.PARAMS_SQ_ENTRIES, ENTRIES);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_HEAD, HEAD);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_TAIL, TAIL);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_RING_MASK, MASK);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_FLAGS, FLAGS);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_ARRAY, ARRAY);
        return new SubmissionQueue(ring, params, sqes, indexArray);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, Integer.MAX_VALUE - 3, -3})
    void wrapsAroundItsEntriesAndItsIndices(int start) {
        SubmissionQueue queue = queueAt(start, false);
        for (int i = 0; i < 3 * ENTRIES; i++) {
            queue.next().userData(100 + i);
            assertThat(queue.pending()).isEqualTo(1);
            assertThat(ring.getInt(TAIL)).as("tail before publishing").isEqualTo(start + i);
            assertThat(queue.publish()).isEqualTo(1);
            assertThat(ring.getInt(TAIL)).isEqualTo(start + i + 1);
            int entry = (start + i & ENTRIES - 1) * Abi.SQE_SIZE;
            assertThat(sqes.getLong(entry + Abi.SQE_USER_DATA)).isEqualTo(100 + i);
            ring.putInt(HEAD, start + i + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MAX_VALUE - 3, -3})
    void isFullUntilTheKernelTakesAnEntry(int start) {
        SubmissionQueue queue = queueAt(start, false);
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(queue.isFull()).isFalse();
            queue.next();
        }
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.publish()).isEqualTo(ENTRIES);
        ring.putInt(HEAD, start + 1);
        assertThat(queue.isFull()).isFalse();
        assertThat(queue.pending()).isEqualTo(ENTRIES - 1);
    }

    @Test
    void anEntryHoldsNothingOfTheOneBefore() {
        SubmissionQueue queue = queueAt(0, false);
        for (int i = 0; i < sqes.capacity(); i++) {
            sqes.put(i, (byte) 0x55);
        }
        queue.next().operation(Abi.IORING_OP_NOP, 0);
        for (int i = 0; i < Abi.SQE_SIZE; i++) {
            assertThat(sqes.get(i)).as("byte " + i).isZero();
        }
        assertThat(sqes.get(Abi.SQE_SIZE)).as("the next entry").isEqualTo((byte) 0x55);
    }

    @Test
    void fieldsLieWhereTheKernelLooksForThem() {
        queueAt(0, false)
                .next()
                .operation(Abi.IORING_OP_RECV, 7)
                .flags(Abi.IOSQE_BUFFER_SELECT)
                .ioprio(Abi.IORING_RECV_MULTISHOT)
                .off(0x1122334455667788L)
                .addr(0x99AABBCCDDEEFFL)
                .len(4096)
                .operationFlags(0x4000)
                .bufferGroup((short) 9)
                .userData(1L << 40);
        // offsets of struct io_uring_sqe, https://man7.org/linux/man-pages/man2/io_uring_enter.2.html
        assertThat(sqes.get(0)).isEqualTo((byte) Abi.IORING_OP_RECV);
        assertThat(sqes.get(1)).isEqualTo((byte) Abi.IOSQE_BUFFER_SELECT);
        assertThat(sqes.getShort(2)).isEqualTo((short) Abi.IORING_RECV_MULTISHOT);
        assertThat(sqes.getInt(4)).isEqualTo(7);
        assertThat(sqes.getLong(8)).isEqualTo(0x1122334455667788L);
        assertThat(sqes.getLong(16)).isEqualTo(0x99AABBCCDDEEFFL);
        assertThat(sqes.getInt(24)).isEqualTo(4096);
        assertThat(sqes.getInt(28)).isEqualTo(0x4000);
        assertThat(sqes.getLong(32)).isEqualTo(1L << 40);
        assertThat(sqes.getShort(40)).isEqualTo((short) 9);
    }

    @Test
    void theIndexArrayOfOlderKernelsMapsEveryEntryToItself() {
        queueAt(0, true);
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(ring.getInt(ARRAY + i * Integer.BYTES)).isEqualTo(i);
        }
    }

    @Test
    void flagsAreTheKernelsAtThisMoment() {
        SubmissionQueue queue = queueAt(0, false);
        assertThat(queue.flags()).isZero();
        ring.putInt(FLAGS, Abi.IORING_SQ_CQ_OVERFLOW);
        assertThat(queue.flags()).isEqualTo(Abi.IORING_SQ_CQ_OVERFLOW);
    }
}
