// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** {@link PoisonNet} is there, without being asked for, and fails a class. */
class PoisonNetTest {
    @Test
    void errorsOfReceiveMemoryFailTheClassThatRuns() {
        assertThat(PoisonNet.isWatching()).isTrue();
        new PoisonNet().afterAll(null);
        LoggerFactory.getLogger("dev.nettyuring.buffer.ReceiveBuffers").error("what this test expects");
        assertThatThrownBy(() -> new PoisonNet().afterAll(null)).hasMessageContaining("what this test expects");
        new PoisonNet().afterAll(null);
    }
}
