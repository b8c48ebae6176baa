// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.util.List;

/** {@link Transfers} in a JVM without the module {@code jdk.jfr}, as jlink makes them. */
final class WithoutFlightRecorder {
    /** What the JVM is to have. */
    static final List<String> MODULES =
            List.of("java.base", "java.logging", "java.management", "java.naming", "java.xml", "jdk.unsupported");

    private WithoutFlightRecorder() {}

    public static void main(String[] args) throws Exception {
        if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
            throw new IllegalStateException("there is a flight recorder");
        }
        Transfers.main(args);
    }
}
