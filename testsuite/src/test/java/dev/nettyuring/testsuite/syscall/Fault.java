// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A line of a table: what fails how while a scenario goes on, and what then is to come of it. */
final class Fault {
    /** Set to test every line: -Dsyscalls.all. */
    private static final boolean ALL = System.getProperty("syscalls.all") != null;

    private static final String NTH_EVERY = "2+3";

    final String scenario;
    final String call;
    final String errno;
    final String when;
    /** What the answer to the attempt has to contain. */
    final List<String> expected;
    /** Whether the event loop goes on afterwards. */
    final boolean survived;

    private Fault(String scenario, String call, String errno, String when, List<String> expected, boolean survived) {
        this.scenario = scenario;
        this.call = call;
        this.errno = errno;
        this.when = when;
        this.expected = expected;
        this.survived = survived;
    }

    /** Lines of a table: one for each of the errors, of which the first is always tested. */
    static final class Table {
        private final List<Fault> lines = new ArrayList<>();

        /** The attempt fails, and says the call, the error and what would do. */
        Table fails(String scenario, String call, String when, String errnos, String... expected) {
            List<String> all = new ArrayList<>(List.of(expected));
            all.add("failed");
            return add(scenario, call, when, errnos, all, true);
        }

        /** The attempt succeeds, since the call is repeated or done without. */
        Table withstands(String scenario, String call, String when, String errnos, String... expected) {
            List<String> all = new ArrayList<>(List.of(expected));
            all.add(Subject.OK);
            return add(scenario, call, when, errnos, all, false);
        }

        /** The same, again and again. */
        Table withstands(String scenario, String call, String errnos) {
            return withstands(scenario, call, NTH_EVERY, errnos);
        }

        /** All channels of the loop are closed, and new ones may come. */
        Table closes(String scenario, String call, String when, String errnos) {
            return add(scenario, call, when, errnos, List.of("failed", "closed"), false, true);
        }

        /** The event loop ends, and everything with it. */
        Table endsTheLoop(String scenario, String call, String when, String errnos) {
            return add(scenario, call, when, errnos, List.of("failed"), false, false);
        }

        private Table add(
                String scenario, String call, String when, String errnos, List<String> expected, boolean namesErrno) {
            return add(scenario, call, when, errnos, expected, namesErrno, true);
        }

        private Table add(
                String scenario,
                String call,
                String when,
                String errnos,
                List<String> expected,
                boolean namesErrno,
                boolean survived) {
            for (String errno : errnos.split(" ")) {
                List<String> all = new ArrayList<>(expected);
                if (namesErrno) {
                    all.add(errno);
                }
                lines.add(new Fault(scenario, call, errno, when, all, survived));
                if (!ALL) {
                    break;
                }
            }
            return this;
        }

        Stream<Fault> lines() {
            return lines.stream();
        }
    }

    @Override
    public String toString() {
        return scenario + ": " + call + " " + when + " fails with " + errno;
    }
}
