// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A process for the lines of a table of faults, which are tried one after another. */
final class FaultRun implements AutoCloseable {
    private final SubjectProcess subject;
    private final Path folder;
    private final Set<String> warm = new HashSet<>();

    FaultRun(Path folder) throws Exception {
        subject = SubjectProcess.start(folder);
        this.folder = folder;
    }

    SubjectProcess subject() {
        return subject;
    }

    /** Has classes loaded, which opens files. */
    void warmUp(String scenario) throws InterruptedException {
        if (warm.add(scenario)) {
            subject.ask(scenario);
            assertThat(subject.ask(Subject.ATTEMPT)).as("before any fault").startsWith(Subject.OK);
            subject.ask(Subject.END);
        }
    }

    /** Checks what the subject says under the fault, without it, and in the end. */
    void run(Fault fault) throws Exception {
        warmUp(fault.scenario);
        long thread = Long.parseLong(subject.ask(fault.scenario));
        Strace strace = Strace.attach(folder, thread, fault.call, fault.errno, fault.when);
        String underFault;
        try {
            underFault = subject.ask(Subject.ATTEMPT);
        } finally {
            strace.close();
        }
        String afterwards = subject.ask(Subject.ATTEMPT);
        String left = subject.ask(Subject.END);
        if (Boolean.getBoolean("syscalls.print")) {
            System.out.println(
                    fault + " -> " + underFault + " | " + afterwards + " | " + left + " | " + strace.injected()
                            + " faults, " + strace.bytesLeftMapped() + " bytes left | " + subject.takePrinted());
        }
        assertThat(underFault).as("under the fault").contains(fault.expected);
        assertThat(strace.injected()).as("faults").isPositive();
        assertThat(underFault + afterwards).as("bytes").doesNotContain("CORRUPT", "HANGS", "LEFT");
        if (fault.survived) {
            assertThat(afterwards).as("without a fault").startsWith(Subject.OK);
        }
        if (fault.scenario.equals(Scenarios.PROBE) || underFault.contains("failed to create a child event loop")) {
            assertThat(strace.bytesLeftMapped()).as("bytes left mapped").isZero();
        }
        assertThat(left).as("left open").isEqualTo(Subject.NOTHING);
    }

    /** Ends the process, which may not have leaked anything. */
    @Override
    public void close() throws InterruptedException {
        subject.close();
        assertThat(subject.takePrinted()).noneMatch(line -> line.contains("LEAK"));
    }
}
