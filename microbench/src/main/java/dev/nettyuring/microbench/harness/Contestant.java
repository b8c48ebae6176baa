// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import dev.nettyuring.microbench.Transport;
import java.util.Arrays;
import java.util.List;

/**
 * What is compared.
 *
 * @param label its name in reports
 * @param transport the name of its {@link Transport}, or {@code c-copy} or {@code c-splice}: a relay in C that parses nothing,
 *     to show what the machine has to give
 * @param zeroed whether memory is zeroed before anything is received into it
 * @param jvmOptions beside those that all have
 */
record Contestant(String label, String transport, boolean zeroed, List<String> jvmOptions) {
    private static final String C_PREFIX = "c-";

    /** A transport, or one with {@code :OPTION:OPTION...} of its JVM. */
    static Contestant parse(String name) {
        String[] parts = name.split(":");
        if (!parts[0].startsWith(C_PREFIX)
                && Arrays.stream(Transport.values())
                        .noneMatch(known -> known.label().equals(parts[0]))) {
            throw new IllegalArgumentException(name + " (expected: a transport, of "
                    + Arrays.stream(Transport.values()).map(Transport::label).toList() + ", c-copy or c-splice)");
        }
        return new Contestant(name, parts[0], false, List.of(parts).subList(1, parts.length));
    }

    Contestant withZeroedMemory() {
        return new Contestant(label + ", zeroed", transport, true, jvmOptions);
    }

    /** Not a server of this project's, but a program in C. */
    boolean isC() {
        return transport.startsWith(C_PREFIX);
    }

    /** One of Netty's own transports. */
    boolean isNettys() {
        return !isC() && !transport.equals(Transport.URING.label());
    }

    /** The program's mode. */
    String mode() {
        return transport.substring(C_PREFIX.length());
    }
}
