// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * {@link ParserFuzzer} guided by coverage, for {@code -Dfuzz.seconds}: {@code ./verify --fuzz SECONDS}. In a process of its own,
 * which Jazzer instruments; it is there with the profile {@code fuzz} only. What it found is kept in {@code target/fuzz}.
 */
@EnabledIfSystemProperty(named = "fuzz.seconds", matches = "\\d+")
class CoverageFuzzTest {
    private static final int MORE_SECONDS = 120;

    @Test
    @Timeout(value = 2, unit = TimeUnit.DAYS)
    void findsNothing() throws Exception {
        int seconds = Integer.getInteger("fuzz.seconds");
        Path folder = Path.of("target", "fuzz").toAbsolutePath();
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        List<byte[]> seeds = ParserSeeds.all();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        Path output = folder.resolve("output");
        Process jazzer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + ParserFuzzer.class.getName(),
                        "--instrumentation_includes=dev.nettyuring.**",
                        "--reproducer_path=" + folder,
                        "-artifact_prefix=" + folder + "/",
                        "-max_total_time=" + seconds,
                        "-max_len=600",
                        "-rss_limit_mb=0",
                        corpus.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(jazzer.waitFor(seconds + MORE_SECONDS, TimeUnit.SECONDS))
                    .as("fuzzing ends")
                    .isTrue();
        } finally {
            jazzer.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1); // it shows bytes
        assertThat(jazzer.exitValue())
                .as(() -> String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size())))
                .isZero();
        assertThat(lines).as("it did run").anyMatch(line -> line.startsWith("Done ") && line.contains(" runs in "));
    }
}
