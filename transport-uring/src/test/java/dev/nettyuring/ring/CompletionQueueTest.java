// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Abi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue alone, on memory in which the test plays the kernel. */
class CompletionQueueTest {
    private static final int ENTRIES = 16;
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int CQES = 64;

    private final ByteBuffer ring =
            ByteBuffer.allocateDirect(CQES + ENTRIES * Abi.CQE_SIZE).order(ByteOrder.nativeOrder());

    private CompletionQueue queueAt(int index) {
        ring.putInt(HEAD, index).putInt(TAIL, index).putInt(MASK, ENTRIES - 1);
        ByteBuffer params = ByteBuffer.allocateDirect(Abi.PARAMS_SIZE).order(ByteOrder.nativeOrder());
        params.putInt(Abi.PARAMS_CQ_ENTRIES, ENTRIES);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_HEAD, HEAD);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_TAIL, TAIL);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_RING_MASK, MASK);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_CQES, CQES);
        return new CompletionQueue(ring, params);
    }

    private void post(long userData, int result, int flags) {
        int tail = ring.getInt(TAIL);
        assertThat(tail - ring.getInt(HEAD)).as("completions in the queue").isLessThan(ENTRIES);
        int cqe = CQES + (tail & ENTRIES - 1) * Abi.CQE_SIZE;
        ring.putLong(cqe, userData).putInt(cqe + Long.BYTES, result).putInt(cqe + Long.BYTES + Integer.BYTES, flags);
        ring.putInt(TAIL, tail + 1);
    }

    private static void stash(CompletionQueue queue) {
        while (queue.stashNext()) {
            continue;
        }
    }

    private static List<Long> takeAll(CompletionQueue queue) {
        List<Long> taken = new ArrayList<>();
        while (queue.next()) {
            taken.add(queue.userData());
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 13, Integer.MAX_VALUE - 3, -3})
    void wrapsAroundItsEntriesAndItsIndices(int start) {
        CompletionQueue queue = queueAt(start);
        for (int i = 0; i < 3 * ENTRIES; i++) {
            assertThat(queue.next()).isFalse();
            post(1000 + i, -i, i);
            assertThat(queue.isEmpty()).isFalse();
            assertThat(queue.next()).isTrue();
            assertThat(queue.userData()).isEqualTo(1000 + i);
            assertThat(queue.result()).isEqualTo(-i);
            assertThat(queue.flags()).isEqualTo(i);
            assertThat(ring.getInt(HEAD)).as("head before the release").isEqualTo(start + i);
            queue.release();
            assertThat(ring.getInt(HEAD)).isEqualTo(start + i + 1);
        }
    }

    @Test
    void whatIsStashedComesBeforeWhatArrivesLater() {
        CompletionQueue queue = queueAt(-2);
        post(1, 0, 0);
        post(2, 0, 0);
        stash(queue);
        assertThat(ring.getInt(HEAD)).as("the kernel has all its room").isEqualTo(ring.getInt(TAIL));
        assertThat(queue.isEmpty()).isFalse();
        post(3, 0, 0);
        stash(queue);
        post(4, 0, 0);
        assertThat(takeAll(queue)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void theStashTakesManyQueuesFull() {
        CompletionQueue queue = queueAt(0);
        List<Long> posted = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                posted.add((long) posted.size());
                post(posted.size() - 1, 0, 0);
            }
            stash(queue);
        }
        assertThat(takeAll(queue)).isEqualTo(posted);
    }

    @Test
    void theStashKeepsResultAndFlagsApart() {
        CompletionQueue queue = queueAt(0);
        post(1, -104, 0x8000_0003);
        post(2, Integer.MAX_VALUE, -1);
        stash(queue);
        queue.next();
        assertThat(queue.result()).isEqualTo(-104);
        assertThat(queue.flags()).isEqualTo(0x8000_0003);
        queue.next();
        assertThat(queue.result()).isEqualTo(Integer.MAX_VALUE);
        assertThat(queue.flags()).isEqualTo(-1);
    }

    @Test
    void oneOperationsCompletionsAreTakenAheadAndTheOthersKeepTheirOrder() {
        CompletionQueue queue = queueAt(0);
        for (long userData : new long[] {1, 7, 2, 7, 3}) {
            post(userData, 0, 0);
        }
        stash(queue);
        assertThat(queue.nextStashed(7, 0)).isTrue();
        assertThat(queue.nextStashed(7, 0)).isTrue();
        assertThat(queue.nextStashed(7, 0)).isFalse();
        assertThat(takeAll(queue)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void placesInTheStashStayThoseOfTheirCompletionsWhateverIsTakenOutOfIt() {
        CompletionQueue queue = queueAt(0);
        List<Long> expected = new ArrayList<>();
        List<Long> taken = new ArrayList<>();
        Map<Long, Long> places = new LinkedHashMap<>();
        long posted = 0;
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                post(++posted, 0, 0);
                queue.stashNext();
                if (posted % 3 == 0) {
                    places.put(posted, queue.lastStashed());
                } else {
                    expected.add(posted);
                }
            }
            stash(queue);
            for (int i = 0; i < round && queue.next(); i++) { // some of the first ones, of whichever kind
                taken.add(queue.userData());
                places.remove(queue.userData());
                expected.remove(queue.userData());
            }
            places.entrySet().removeIf(one -> {
                boolean takes = one.getKey() % 2 == 0;
                assertThat(!takes || queue.nextStashed(one.getKey(), one.getValue()))
                        .as("%s is at %s", one.getKey(), one.getValue())
                        .isTrue();
                return takes;
            });
        }
        expected.addAll(places.keySet());
        expected.sort(null);
        assertThat(takeAll(queue)).isEqualTo(expected);
        assertThat(taken).isSorted();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aStashOfWhichEverythingWasTakenIsEmpty() {
        CompletionQueue queue = queueAt(0);
        for (long userData : new long[] {1, 7, 2}) {
            post(userData, 0, 0);
        }
        stash(queue);
        for (long userData : new long[] {7, 1, 2}) {
            assertThat(queue.isEmpty()).isFalse();
            assertThat(queue.nextStashed(userData, 0)).isTrue();
        }
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.next()).isFalse();
    }
}
