// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizeClassesTest {
    private static final int LARGEST = 1 << 26;

    @Test
    void theClassOfASizeIsTheSmallestThatHoldsIt() {
        for (int bytes = 0; bytes < 1 << 20; bytes++) {
            checkClass(bytes);
        }
        for (int sizeClass = 1; sizeClass <= SizeClasses.of(LARGEST); sizeClass++) {
            checkClass(SizeClasses.bytes(sizeClass) - 1);
            checkClass(SizeClasses.bytes(sizeClass));
            checkClass(SizeClasses.bytes(sizeClass) + 1);
        }
    }

    private static void checkClass(int bytes) {
        int sizeClass = SizeClasses.of(bytes);
        assertThat(SizeClasses.bytes(sizeClass)).isGreaterThanOrEqualTo(bytes);
        if (sizeClass > 0) {
            assertThat(SizeClasses.bytes(sizeClass - 1)).isLessThan(bytes);
        }
    }

    @Test
    void noMoreThanAQuarterIsAdded() {
        for (int sizeClass = 1; sizeClass <= SizeClasses.of(LARGEST); sizeClass++) {
            int least = SizeClasses.bytes(sizeClass - 1) + 1;
            assertThat(SizeClasses.bytes(sizeClass)).isLessThanOrEqualTo(least + least / 4);
        }
    }

    @Test
    void powersOfTwoAreClasses() {
        for (int bytes = SizeClasses.MIN_BYTES; bytes <= LARGEST; bytes *= 2) {
            assertThat(SizeClasses.bytes(SizeClasses.of(bytes))).isEqualTo(bytes);
        }
    }
}
