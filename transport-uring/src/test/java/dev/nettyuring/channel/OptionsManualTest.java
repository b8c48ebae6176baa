// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsManualTest {
    private static final Path MANUAL = Path.of("../docs/options.md");

    @Test
    void theManualSaysWhichOptionsTheChannelsHave() throws Exception {
        String current;
        try (OptionsManual manual = new OptionsManual()) {
            current = manual.write();
        }
        if (Boolean.getBoolean("dev.nettyuring.writeDocs")) {
            Files.writeString(MANUAL, current);
        }
        assertThat(MANUAL)
                .as(
                        "docs/options.md is out of date. Write it anew with: mvn -pl transport-uring -am test"
                                + " -Dtest=OptionsManualTest -Dsurefire.failIfNoSpecifiedTests=false -Ddev.nettyuring.writeDocs=true")
                .hasContent(current);
    }
}
