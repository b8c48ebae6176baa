// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a run takes, as it is estimated before, and as --help says. */
class DurationTest {
    private static final double MINUTE = 60;

    @TempDir
    Path folder;

    private double minutes(String... arguments) throws IOException {
        Options options = Options.parse(arguments);
        return Bench.seconds(options, Workloads.chosen(options, new Site(folder, folder, 0, 1))) / MINUTE;
    }

    @Test
    void quickTakesFiveMinutes() throws IOException {
        assertThat(minutes("--quick")).isBetween(4.0, 5.0);
    }

    @Test
    void hourTakesLessThanOne() throws IOException {
        assertThat(minutes("--hour")).isBetween(54.0, 60.0);
    }

    @Test
    void everythingTakesWhatHelpSays() throws IOException {
        assertThat(minutes()).isBetween(250.0, 270.0);
    }

    @Test
    void anHourHasAllWorkloads() throws IOException {
        Site site = new Site(folder, folder, 0, 1);
        assertThat(Workloads.chosen(Options.parse(new String[] {"--hour"}), site))
                .hasSameSizeAs(Workloads.all(site, 1));
    }
}
