// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.ring.Feature;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * RLIMIT_MEMLOCK, in another process: it counts for whoever lacks CAP_IPC_LOCK, and so not for root. Zero-copy sends are
 * asked for, since nothing else needs locked memory.
 */
class LockedMemoryTest {
    private static final int KIB = 1024;
    private static final String ZERO_COPY = "-Ddev.nettyuring.zeroCopy=ALWAYS";

    @TempDir
    private Path temporary;

    private static List<String> limitedTo(int lockedBytes) {
        return List.of(
                "prlimit",
                "--memlock=" + lockedBytes,
                "setpriv",
                "--bounding-set",
                "-ipc_lock",
                "--inh-caps",
                "-ipc_lock");
    }

    @Test
    void withTooLittleForARingTheErrorSaysSo() throws Exception {
        assertThat(TransfersProcess.output(temporary, limitedTo(64 * KIB), ZERO_COPY))
                .contains("io_uring_setup", "ENOMEM", "RLIMIT_MEMLOCK", "ulimit -l");
    }

    @Test
    void withTooLittleTheMemoryIsNotRegisteredAndThatIsSaidOnce() throws Exception {
        assumeTrue(
                Uring.features().containsAll(EnumSet.of(Feature.SEND_ZC, Feature.FIXED_BUFFERS)),
                "registered memory is switched off");
        String printed = TransfersProcess.run(temporary, limitedTo(512 * KIB), ZERO_COPY);
        assertThat(printed.lines().filter(line -> line.contains("RLIMIT_MEMLOCK")))
                .singleElement()
                .asString()
                .contains("Registering 1024 KiB", "ENOMEM", "allow 1024 KiB more", "ulimit -l");
    }

    @Test
    void withEightMebibytesItIs() throws Exception {
        assertThat(TransfersProcess.run(temporary, limitedTo(8 * KIB * KIB), ZERO_COPY))
                .doesNotContain("RLIMIT_MEMLOCK");
    }
}
