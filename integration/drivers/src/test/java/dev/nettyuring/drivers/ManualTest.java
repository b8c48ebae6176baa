// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docs/integrations.md shows what is tested. */
class ManualTest {
    private static final Path SOURCES = Path.of("src/test/java/dev/nettyuring/drivers");
    private static final Path MANUAL = Path.of("../../docs/integrations.md");

    @ParameterizedTest
    @CsvSource({
        "R2DBC,R2dbcTest",
        "Lettuce,UringRedisClient",
        "MongoDB,MongoTest",
        "Micronaut,UringEventLoops",
        "AWS,UringSdkLoops"
    })
    void theSampleIsThatOfTheManual(String name, String type) throws Exception {
        String sample =
                between(Files.readString(SOURCES.resolve(type + ".java")), "// sample\n", "// end of the sample");
        String manual = between(Files.readString(MANUAL), "<!-- " + name + " -->\n```java\n", "```");
        assertThat(manual).isEqualToNormalizingWhitespace(sample);
    }

    private static String between(String text, String start, String end) {
        return text.split(Pattern.quote(start), 2)[1].split(Pattern.quote(end), 2)[0];
    }
}
