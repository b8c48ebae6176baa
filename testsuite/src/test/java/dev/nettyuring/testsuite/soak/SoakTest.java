// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections of all kinds that come and go, by a seed, in a process with little memory; at checkpoints nothing may be left of
 * them, and from one to the next nothing may grow. For seconds, or for longer by {@code ./verify --soak MINUTES [SEED]}.
 */
class SoakTest {
    private static final int SECONDS = 8;
    private static final int SECONDS_BETWEEN_CHECKPOINTS = 3;
    private static final int LONG_SECONDS_BETWEEN_CHECKPOINTS = 60;
    /** To start, to come to a checkpoint on a busy machine, and to end. */
    private static final int MORE_SECONDS = 300;

    private static final int MAX_SECONDS = 7 * 24 * 60 * 60;

    @TempDir
    private Path temporary;

    @Test
    @Timeout(MAX_SECONDS + 2 * MORE_SECONDS)
    void nothingIsLeftAndNothingGrows() throws Exception {
        Integer minutes = Integer.getInteger("soak.minutes");
        boolean isShort = minutes == null;
        long seconds = isShort ? SECONDS : TimeUnit.MINUTES.toSeconds(minutes);
        long seed = Long.getLong("soak.seed", ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
        List<String> command = ChildJvm.command(
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-XX:MaxDirectMemorySize=96m",
                "-Dio.netty.leakDetection.level=" + (isShort ? "paranoid" : "simple"));
        command.addAll(List.of(
                SoakMain.class.getName(),
                temporary.toString(),
                Long.toString(seed),
                Long.toString(seconds),
                Integer.toString(isShort ? SECONDS_BETWEEN_CHECKPOINTS : LONG_SECONDS_BETWEEN_CHECKPOINTS),
                Integer.toString(Integer.getInteger("soak.rate", Integer.MAX_VALUE))));
        // a long one's output is there to be read while it runs
        Path output = isShort ? temporary.resolve("output") : Path.of("target", "soak.log");
        String printed = EndedProcess.of("seed " + seed, new ProcessBuilder(command), output, seconds + MORE_SECONDS)
                .printed();
        System.out.println(printed);
        assertThat(printed).as("seed %s", seed).contains(SoakMain.DONE);
    }
}
