// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/nettyuring/grpc/HealthExample.java");

    @Test
    void theExampleRuns() throws Exception {
        assertThat(HealthExample.run()).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void theExampleIsThatOfTheReadme() throws Exception {
        String example = between(Files.readString(SOURCE), "// example\n", "// end of the example");
        String readme = between(Files.readString(Path.of("README.md")), "```java\n", "```");
        assertThat(readme).isEqualToNormalizingWhitespace(example);
    }

    private static String between(String text, String start, String end) {
        return text.split(Pattern.quote(start), 2)[1].split(Pattern.quote(end), 2)[0];
    }
}
