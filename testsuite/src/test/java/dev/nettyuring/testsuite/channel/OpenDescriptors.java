// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that this process has open. */
final class OpenDescriptors {
    private OpenDescriptors() {}

    static List<String> under(Path folder) throws IOException {
        List<Path> links;
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            links = all.collect(Collectors.toList());
        }
        List<String> open = new ArrayList<>();
        for (Path link : links) {
            try {
                String target = Files.readSymbolicLink(link).toString();
                if (target.startsWith(folder.toRealPath().toString())) {
                    open.add(target);
                }
            } catch (IOException closedMeanwhile) {
                // then it is not open
            }
        }
        return open;
    }
}
