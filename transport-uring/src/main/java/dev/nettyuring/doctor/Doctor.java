// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import dev.nettyuring.jni.Host;
import java.util.List;
import java.util.logging.LogManager;

/**
 * Says whether io_uring can be used here and how well, what programs fall back to if not, and what to change. {@link Launcher}
 * starts it.
 *
 * <p>The exit status is for scripts: 0 if all is well, 1 if io_uring works but something that matters is missing, 2 if programs
 * fall back to another transport, 3 if nothing could be found out.
 */
public final class Doctor {
    private static final String USAGE =
            """
            usage: [--json]
              --json  the report as JSON
            exit status: 0 all well; 1 io_uring works, but something that matters is missing;
                         2 io_uring cannot be used; 3 nothing could be found out""";

    private Doctor() {}

    /** Examines and reports; the exit status. By reflection from {@link Launcher}, which may load it elsewhere. */
    public static int run(String[] args) {
        List<String> arguments = List.of(args);
        if (arguments.equals(List.of("--help")) || arguments.equals(List.of("-h"))) {
            System.out.println(USAGE);
            return 0;
        }
        if (!arguments.isEmpty() && !arguments.equals(List.of("--json"))) {
            System.err.println(String.join(" ", arguments) + ": no such option\n" + USAGE);
            return Launcher.CANNOT_EXAMINE;
        }
        LogManager.getLogManager().reset(); // the report says it all
        Report report = Examination.run(Host.current());
        System.out.print(arguments.isEmpty() ? report.toText() : report.toJson() + '\n');
        return report.status();
    }
}
