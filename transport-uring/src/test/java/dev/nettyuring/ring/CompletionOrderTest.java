// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CompletionOrderTest {
    /** The kernels that it is not on are from before those that this project is tested on. */
    @Test
    void isFoundToBeKeptAgainAndAgainOnOneRing() throws Exception {
        try (OpenRing open = new OpenRing()) {
            for (int i = 0; i < 10; i++) {
                assertThat(CompletionOrder.isKept(open.ring)).isTrue();
                assertThat(open.ring.operationsInFlight()).isZero();
            }
        }
    }
}
