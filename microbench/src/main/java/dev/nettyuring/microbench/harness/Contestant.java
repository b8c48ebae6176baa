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
 * @param serverOptions what its server is to do otherwise than the rest, as {@code OPTION=VALUE}
 * @param jvmOptions beside those that all have
 */
record Contestant(String label, String transport, boolean zeroed, List<String> serverOptions, List<String> jvmOptions) {
    private static final String C_PREFIX = "c-";
    private static final String SPLICE = "splice=true";

    /** A transport; {@code +OPTION[=VALUE]} of its server may follow, then {@code :OPTION} of its JVM. */
    static Contestant parse(String name) {
        List<String> parts = List.of(name.split(":"));
        List<String> server = List.of(parts.get(0).split("\\+"));
        String transport = server.get(0);
        List<String> known =
                Arrays.stream(Transport.values()).map(Transport::label).toList();
        if (!transport.startsWith(C_PREFIX) && !known.contains(transport)) {
            throw new IllegalArgumentException(name + " (expected: one of " + known + ", c-copy or c-splice)");
        }
        List<String> options = server.stream()
                .skip(1)
                .map(option -> option.contains("=") ? option : option + "=true")
                .toList();
        return new Contestant(name, transport, false, options, parts.subList(1, parts.size()));
    }

    Contestant withZeroedMemory() {
        return new Contestant(label + ", zeroed", transport, true, serverOptions, jvmOptions);
    }

    /** Not a server of this project's, but a program in C. */
    boolean isC() {
        return transport.startsWith(C_PREFIX);
    }

    /** Nothing but a relay, or otherwise so only as a relay. */
    boolean onlyRelays() {
        return isC() || serverOptions.contains(SPLICE);
    }

    /** One of Netty's own transports. */
    boolean isNettys() {
        return !isC() && !transport.equals(Transport.URING.label());
    }

    /** Netty's io_uring, however it is set up. */
    boolean isNettysRing() {
        return transport.startsWith(Transport.NETTY_IO_URING.label());
    }

    /** Netty's io_uring with a ring of provided buffers, from which datagrams are not received. */
    boolean hasBufferRing() {
        return isNettysRing() && !transport.equals(Transport.NETTY_IO_URING.label());
    }

    /** The program's mode. */
    String mode() {
        return transport.substring(C_PREFIX.length());
    }
}
