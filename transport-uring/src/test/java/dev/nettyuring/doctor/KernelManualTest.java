// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.ring.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** {@code docs/kernels.md} says of each feature what the doctor says takes its place. */
class KernelManualTest {
    private static final Path MANUAL = Path.of("../docs/kernels.md");

    @Test
    void everyFeatureHasItsRowAndNothingElseHas() throws IOException {
        assertThat(Files.readAllLines(MANUAL).stream()
                        .filter(line -> line.matches("\\| [0-9]+\\.[0-9]+ \\| `[A-Z_]+` .*"))
                        .map(line -> line.replace("`io_uring_enter`", "io_uring_enter")))
                .containsExactlyInAnyOrder(Arrays.stream(Feature.values())
                        .map(feature -> "| " + feature.sinceKernel() + " | `" + feature + "` | "
                                + new FeatureUse(feature, false, false).without() + " |")
                        .toArray(String[]::new));
    }
}
