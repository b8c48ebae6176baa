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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RLIMIT_MEMLOCK, in another process: it counts for whoever lacks CAP_IPC_LOCK, and so not for root. Zero-copy sends are
 * asked for, since nothing else needs locked memory.
 */
class LockedMemoryTest {
    private static final int KIB = 1024;
    /** With default rings, and with memory to receive into: when it is short, zero copy waits for the peer's delayed ACKs. */
    private static final String[] ARGUMENTS = {
        "-Ddev.nettyuring.zeroCopy=ALWAYS",
        "-Ddev.nettyuring.receiveMemoryLimit=16777216",
        "-Ddev.nettyuring.submissionEntries=512",
        "-Ddev.nettyuring.completionEntries=4096"
    };

    @TempDir
    private Path temporary;

    private static void assumeRegisteredMemory() {
        assumeTrue(
                Uring.features().containsAll(EnumSet.of(Feature.SEND_ZC, Feature.FIXED_BUFFERS)),
                "registered memory is switched off");
    }

    /** The ring itself, or the one of its receive buffers. Some kernels charge them to the limit (6.18), some do not. */
    @ParameterizedTest
    @ValueSource(ints = {64 * KIB, 100 * KIB})
    void withTooLittleForARingTheErrorSaysSo(int lockedBytes) throws Exception {
        assertThat(TransfersProcess.output(temporary, MemoryLimit.of(lockedBytes), ARGUMENTS))
                .satisfiesAnyOf(printed -> assertThat(printed).contains(Transfers.DONE), printed -> assertThat(printed)
                        .contains("failed to create a child event loop", "ENOMEM", "RLIMIT_MEMLOCK", "ulimit -l"));
    }

    /** What a ring, and its ring of buffers, took comes back a while after they were closed. */
    @Test
    void withEnoughForOneLoopSeveralInARowWaitForIt() throws Exception {
        int kibOfRingsOfBuffers = Uring.features().contains(Feature.PBUF_INC) ? 4 : 4 + 8;
        int oneLoop = (100 + kibOfRingsOfBuffers) * KIB;
        assertThat(JavaProcess.output(temporary, MemoryLimit.of(oneLoop), List.of(ARGUMENTS), LoopsInARow.class))
                .contains(LoopsInARow.DONE);
    }

    /**
     * The loop's ring takes all but a page of it. What looked for the kernel's features before was closed, but its memory
     * comes back only a while later, and the ring that is to hold registered memory finds none.
     */
    @Test
    void withEnoughForARingAndNoMoreThatIsWaitedForAndNoMemoryIsRegistered() throws Exception {
        assumeRegisteredMemory();
        assumeTrue(Uring.features().contains(Feature.PBUF_INC), "a second ring of buffers would take a page more");
        String printed = TransfersProcess.run(temporary, MemoryLimit.of(104 * KIB), ARGUMENTS);
        assertThat(printed.lines().filter(line -> line.contains("RLIMIT_MEMLOCK")))
                .singleElement()
                .asString()
                .contains("ENOMEM", "from memory that is not registered", "ulimit -l");
    }

    @Test
    void withTooLittleTheMemoryIsNotRegisteredAndThatIsSaidOnce() throws Exception {
        assumeRegisteredMemory();
        String printed = TransfersProcess.run(temporary, MemoryLimit.of(512 * KIB), ARGUMENTS);
        assertThat(printed.lines().filter(line -> line.contains("RLIMIT_MEMLOCK")))
                .singleElement()
                .asString()
                .contains("Registering 1024 KiB", "ENOMEM", "allow 1024 KiB more", "ulimit -l");
    }

    @Test
    void whatIsRegisteredStaysSoThoughNoMoreIsUntilASlabIsUnmapped() throws Exception {
        assumeRegisteredMemory();
        String printed = JavaProcess.output(temporary, MemoryLimit.of(8 * KIB * KIB), List.of(), RegisteredSlabs.class);
        assertThat(printed)
                .containsPattern("registered: [1-9]")
                .contains("the first still is: true", "the refused one is: true", "more than before: 0");
    }

    @Test
    void withEightMebibytesItIs() throws Exception {
        assertThat(TransfersProcess.run(temporary, MemoryLimit.of(8 * KIB * KIB), ARGUMENTS))
                .doesNotContain("RLIMIT_MEMLOCK");
    }
}
