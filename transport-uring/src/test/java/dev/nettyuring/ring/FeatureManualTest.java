// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/troubleshooting.md} says of each feature what the code does. */
class FeatureManualTest {
    private static final Path MANUAL = Path.of("../docs/troubleshooting.md");

    @ParameterizedTest
    @EnumSource
    void everyFeatureHasItsRow(Feature feature) throws IOException {
        String row = "| `" + feature + "` | " + feature.sinceKernel() + " | " + feature.use() + " |";
        assertThat(Files.readAllLines(MANUAL).stream().map(line -> line.replace("`io_uring_enter`", "io_uring_enter")))
                .contains(row);
    }
}
