// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./verify} looks like an older kernel by switching off exactly what came after it. */
class KernelConfigurationsTest {
    private static final Path SCRIPT = Path.of("../verify");
    private static final Pattern KERNEL = Pattern.compile("(?m)^ *\"kernel-([0-9.]+)\\|([A-Z_,]+)\\|");
    private static final Pattern ALL_FEATURES = Pattern.compile("(?m)^features=\\(([A-Z_ ]+)\\)$");

    /** By their kernels, the names of what they switch off. */
    private static Map<String, Set<String>> configurations() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        KERNEL.matcher(Files.readString(SCRIPT)).results().forEach(line -> assertThat(
                        found.put(line.group(1), Set.of(line.group(2).split(","))))
                .as("kernel-%s stands there once", line.group(1))
                .isNull());
        return found;
    }

    private static Set<String> newerThan(String kernel) {
        return Arrays.stream(Feature.values())
                .filter(feature -> number(feature.sinceKernel()) > number(kernel))
                .map(Feature::name)
                .collect(Collectors.toSet());
    }

    /** In the order of releases: 6.2 comes before 6.12. */
    private static int number(String kernel) {
        String[] parts = kernel.split("\\.");
        assertThat(parts).as(kernel).hasSize(2);
        return Integer.parseInt(parts[0]) * 1000 + Integer.parseInt(parts[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.6", "6.10", "6.12"})
    void whatCameLaterIsSwitchedOff(String kernel) throws IOException {
        assertThat(configurations()).containsKey(kernel);
        assertThat(configurations().get(kernel)).isEqualTo(newerThan(kernel));
    }

    @Test
    void noOtherKernelIsUnchecked() throws IOException {
        assertThat(configurations()).containsOnlyKeys("6.1", "6.6", "6.10", "6.12");
    }

    @Test
    void nothingOptionalIsWithoutAllOfThem() throws IOException {
        assertThat(ALL_FEATURES.matcher(Files.readString(SCRIPT)).results().map(MatchResult::group))
                .singleElement()
                .satisfies(line -> assertThat(line.replaceAll(".*\\(|\\)", "").split(" "))
                        .containsExactlyInAnyOrder(Arrays.stream(Feature.values())
                                .map(Feature::name)
                                .toArray(String[]::new)));
    }
}
