// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random connections, datagrams, files, splices and polls over a ring whose completions come late, in another order, short or as
 * errors, by a seed. What fails is told with its seed; {@code ./verify --faults 1 SEED} runs that one again, {@code ./verify
 * --faults COUNT} many.
 */
class FaultInjectionTest {
    private static final int SECONDS_OF_EACH = 10;
    /** Which have found a bug. */
    private static final List<String> SEEDS_THAT_FOUND =
            List.of("39", "1063", "2175", "10035", "40035", "500800", "8100116");

    private static final int MANY_SECONDS = 24 * 60 * 60;
    /** For the last seed, and to start and end. */
    private static final int MORE_SECONDS = 240;

    @TempDir
    private Path temporary;

    @Test
    void theSameSeedsEachTime() throws Exception {
        assumeTrue(!isAskedFor());
        run(1, Integer.MAX_VALUE, SECONDS_OF_EACH, SEEDS_THAT_FOUND);
    }

    @Test
    @Timeout(MANY_SECONDS + 2 * MORE_SECONDS)
    void theSeedsAskedFor() throws Exception {
        assumeTrue(isAskedFor());
        long other = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        run(Long.getLong("faults.seed", other), Integer.getInteger("faults.count", 1), MANY_SECONDS, List.of());
    }

    private static boolean isAskedFor() {
        return System.getProperty("faults.seed") != null || System.getProperty("faults.count") != null;
    }

    private void run(long seed, int count, int seconds, List<String> singleSeeds) throws Exception {
        List<String> command = ChildJvm.command(
                "-javaagent:" + FaultAgent.writeJar(temporary),
                "-Ddev.nettyuring.poison=true",
                "-Dio.netty.leakDetection.level=advanced",
                "-Dfaults.verbose=" + isAskedFor());
        command.addAll(List.of(
                FaultMain.class.getName(),
                temporary.resolve("seeds").toString(),
                Long.toString(seed),
                Integer.toString(count),
                Integer.toString(seconds)));
        command.addAll(singleSeeds);
        String printed = EndedProcess.of(
                        "from seed " + seed,
                        new ProcessBuilder(command),
                        temporary.resolve("output"),
                        seconds + MORE_SECONDS)
                .printed();
        System.out.println(lastLine(printed));
        assertThat(printed).as("from seed %s", seed).contains(FaultMain.DONE);
    }

    private static String lastLine(String text) {
        List<String> lines = text.lines().collect(Collectors.toList());
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
}
