// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether there is io_uring is found out when a program first asks. Should it be short of something then, it is not for ever. */
class FirstUseTest {
    /** After which it is tried again. */
    private static final long PAUSE_MILLIS = 1100;

    @TempDir
    private Path folder;

    @Test
    void aShortageAtTheFirstQuestionPasses() throws Exception {
        try (SubjectProcess subject = SubjectProcess.start(folder)) {
            long thread = Long.parseLong(subject.ask(Scenarios.AVAILABLE));
            try (Strace strace = Strace.attach(folder, thread, "io_uring_setup", "EMFILE", "1")) {
                assertThat(subject.ask(Subject.ATTEMPT)).contains("ok false", "EMFILE", "RLIMIT_NOFILE");
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            assertThat(subject.ask(Subject.ATTEMPT)).isEqualTo("ok true null");
        }
    }
}
