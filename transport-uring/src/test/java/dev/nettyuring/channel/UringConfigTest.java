// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.buffer.ReceiveMemory;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SystemDefaultsCleared.class)
class UringConfigTest {
    private static void assertRefused(
            Function<UringConfig.Builder, UringConfig.Builder> setting, String name, String value, String range) {
        assertThatThrownBy(() -> setting.apply(UringConfig.builder()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value)
                .hasMessageContaining(range);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -8, 4, 500, 1 << 16})
    void submissionEntriesAreAPowerOfTwoInRange(int entries) {
        assertRefused(
                b -> b.submissionEntries(entries), "submissionEntries", "" + entries, "a power of two from 8 to 32768");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MIN_VALUE, 4, 5000, 1 << 17})
    void completionEntriesAreAPowerOfTwoInRange(int entries) {
        assertRefused(
                b -> b.completionEntries(entries), "completionEntries", "" + entries, "a power of two from 8 to 65536");
    }

    @Test
    void completionsAreNotFewerThanSubmissions() {
        assertRefused(
                b -> b.submissionEntries(1024).completionEntries(512), "completionEntries", "512", "at least the 1024");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1023, (1 << 20) + 1})
    void receiveBufferSizeIsInRange(int bytes) {
        assertRefused(b -> b.receiveBufferSize(bytes), "receiveBufferSize", "" + bytes, "1024 to 1048576");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 4097})
    void receiveBuffersAreInRange(int buffers) {
        assertRefused(b -> b.receiveBuffers(buffers), "receiveBuffers", "" + buffers, "1 to 4096");
    }

    @Test
    void theLimitHasRoomForTheBuffersAtRest() {
        assertRefused(b -> b.receiveMemoryLimit(0), "receiveMemoryLimit", "0", "1024 or more");
        assertRefused(
                b -> b.receiveBuffers(4).receiveBufferSize(4096).receiveMemoryLimit(4 * 4096 - 1),
                "receiveMemoryLimit",
                "16383",
                "at least the 16384 bytes");
        assertThatCode(() -> UringConfig.builder()
                        .receiveBuffers(4)
                        .receiveBufferSize(4096)
                        .receiveMemoryLimit(4 * 4096)
                        .build())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 4096, 100_000, 1 << 27})
    void slabsAreAPowerOfTwoInRange(int bytes) {
        assertRefused(b -> b.slabSize(bytes), "slabSize", "" + bytes, bytes == 100_000 ? "power of two" : "65536 to");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1_000_001})
    void spinMicrosAreInRange(int micros) {
        assertRefused(b -> b.spinMicros(micros), "spinMicros", "" + micros, "0 to 1000000");
    }

    @Test
    void hugePagesNeedSlabsOfThatSize() {
        assertRefused(b -> b.hugePages(true), "slabSize", "1048576", "2097152");
        assertThatCode(() ->
                        UringConfig.builder().hugePages(true).slabSize(2 << 20).build())
                .doesNotThrowAnyException();
    }

    private static long bytesAtRest(ReceiveMemory memory) {
        return (long) memory.depth() * memory.bufferSize();
    }

    @Test
    void aLoopAtRestUsesAtMostTwoMebibytes() {
        for (boolean incremental : new boolean[] {true, false}) {
            assertThat(ReceiveSizes.of(UringConfig.DEFAULT, incremental).stream()
                            .mapToLong(UringConfigTest::bytesAtRest)
                            .sum())
                    .isPositive()
                    .isLessThanOrEqualTo(2 << 20);
        }
    }

    @Test
    void whereMessagesShareBuffersOneSizeIsGoodForAll() {
        assertThat(ReceiveSizes.of(UringConfig.DEFAULT, true))
                .singleElement()
                .matches(memory -> memory.bufferSize() == 512 << 10 && memory.incremental())
                .matches(memory -> memory.maxDepth() == memory.depth());
    }

    @Test
    void whereTheyDoNotThereAreTwoSizesThatShareTheLimit() {
        for (long limit : new long[] {1 << 20, 2 << 20, 8 << 20, 10_000_000, 256 << 20}) {
            List<ReceiveMemory> two = ReceiveSizes.of(
                    UringConfig.builder().receiveMemoryLimit(limit).build(), false);
            assertThat(two)
                    .extracting(ReceiveMemory::bufferSize)
                    .containsExactly(4 << 10, limit < 8 << 20 ? (int) limit / 16 : 512 << 10);
            assertThat(two)
                    .noneMatch(ReceiveMemory::incremental)
                    .allMatch(memory -> memory.depth() > 0 && memory.depth() <= memory.limit())
                    .allMatch(memory -> memory.depth() <= memory.maxDepth() && memory.maxDepth() <= memory.limit())
                    .allMatch(memory -> (long) memory.limit() * memory.bufferSize() <= limit / 2)
                    .allMatch(memory -> (long) (memory.limit() + 1) * memory.bufferSize() > limit / 2);
        }
    }

    @Test
    void aSizeOrANumberOfBuffersIsThatOfAll() {
        assertThat(ReceiveSizes.of(UringConfig.builder().receiveBufferSize(8192).build(), false))
                .singleElement()
                .matches(memory -> memory.bufferSize() == 8192 && memory.depth() == 128)
                .matches(memory -> memory.limit() == (256 << 20) / 8192);
        assertThat(ReceiveSizes.of(UringConfig.builder().receiveBuffers(3).build(), false))
                .singleElement()
                .matches(memory -> memory.bufferSize() == 16 << 10 && memory.depth() == 3);
    }
}
