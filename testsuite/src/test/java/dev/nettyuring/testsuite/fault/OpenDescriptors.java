// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The process's sockets, rings, eventfds, pipes and test files. */
final class OpenDescriptors {
    private OpenDescriptors() {}

    static Set<String> now() throws IOException {
        Set<String> open = new TreeSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : (Iterable<Path>) links::iterator) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (!target.startsWith("/") || target.endsWith("/pattern")) {
                        open.add(target);
                    }
                } catch (IOException closedMeanwhile) {
                    continue;
                }
            }
        }
        return open;
    }
}
