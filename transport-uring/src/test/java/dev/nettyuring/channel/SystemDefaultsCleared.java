// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests see the defaults as they are, whatever the system properties set that the suite runs with. */
final class SystemDefaultsCleared implements BeforeEachCallback, AfterEachCallback {
    static final List<String> NAMES = List.of(
            "dev.nettyuring.receiveBufferSize",
            "dev.nettyuring.receiveBuffers",
            "dev.nettyuring.receiveMemoryLimit",
            "dev.nettyuring.exhaustion",
            "dev.nettyuring.submissionEntries",
            "dev.nettyuring.completionEntries",
            "dev.nettyuring.spinMicros",
            "dev.nettyuring.zeroCopy",
            "dev.nettyuring.disable",
            "dev.nettyuring.poison");

    private final Map<String, String> configured = new HashMap<>();

    @Override
    public void beforeEach(ExtensionContext context) {
        for (String name : NAMES) {
            configured.put(name, System.getProperty(name));
            System.clearProperty(name);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        configured.forEach((name, value) -> {
            System.clearProperty(name);
            if (value != null) {
                System.setProperty(name, value);
            }
        });
    }
}
