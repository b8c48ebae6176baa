// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.testsuite.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The files that this process has open. */
final class OpenDescriptors {
    private OpenDescriptors() {}

    static List<String> under(Path folder) throws IOException {
        String prefix = folder.toRealPath().toString();
        return OpenFiles.targets().stream()
                .filter(target -> target.startsWith(prefix))
                .collect(Collectors.toList());
    }
}
