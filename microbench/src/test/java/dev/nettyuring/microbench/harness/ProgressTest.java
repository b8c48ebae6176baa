// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void whoIsInTimeMayRepeat() {
        assertThat(new Progress(1e6).allowsRepetition()).isTrue();
    }

    @Test
    void whoIsLateMayNot() throws InterruptedException {
        Progress progress = new Progress(.1);
        Thread.sleep(20);
        assertThat(progress.allowsRepetition()).isFalse();
    }

    @Test
    void whatWasDoneCounts() throws InterruptedException {
        Progress progress = new Progress(.1);
        Thread.sleep(20);
        progress.done(1e6);
        assertThat(progress.allowsRepetition()).isTrue();
    }
}
