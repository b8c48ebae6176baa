// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void quartilesLieBetweenValues() {
        Spread spread = Spread.of(new double[] {4, 1, 3, 2});
        assertThat(spread).isEqualTo(new Spread(2.5, 1, 1.75, 3.25, 4, 4));
    }

    @Test
    void oneValueIsAllOfThem() {
        assertThat(Spread.of(new double[] {7})).isEqualTo(new Spread(7, 7, 7, 7, 7, 1));
    }

    @Test
    void overlapIsOfTheMiddleHalves() {
        Spread low = Spread.of(new double[] {1, 2, 3, 4, 50});
        assertThat(low.overlaps(Spread.of(new double[] {4, 5, 6}))).isFalse();
        assertThat(low.overlaps(Spread.of(new double[] {3, 5, 6}))).isTrue();
    }
}
