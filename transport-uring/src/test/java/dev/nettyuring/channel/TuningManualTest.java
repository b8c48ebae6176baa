// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code docs/tuning.md} has a row for every setting, with the default that the code has. */
@ExtendWith(SystemDefaultsCleared.class)
class TuningManualTest {
    private static final Path MANUAL = Path.of("../docs/tuning.md");

    private static List<String> rows(String setting) throws IOException {
        return Files.readAllLines(MANUAL).stream()
                .filter(line -> line.startsWith("| `" + setting + "` |"))
                .toList();
    }

    private static List<String> settings() {
        List<String> settings = new ArrayList<>();
        for (Method method : UringConfig.Builder.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && method.getReturnType() == UringConfig.Builder.class) {
                settings.add(method.getName());
            }
        }
        return settings;
    }

    /** As a reader would write it: numbers with separators. 0 and {@code null} stand for something that depends. */
    private static String writtenDefault(String setting) throws ReflectiveOperationException {
        Field field = UringConfig.Builder.class.getDeclaredField(setting);
        field.setAccessible(true);
        Object value = field.get(UringConfig.builder());
        if (value == null || (value instanceof Number number && number.longValue() == 0)) {
            return "";
        }
        return value instanceof Number ? String.format(Locale.ROOT, "%,d", value) : String.valueOf(value);
    }

    @Test
    void everySettingHasARowWithItsDefault() throws Exception {
        assertThat(settings()).contains("submissionEntries", "scrubOnRelease");
        for (String setting : settings()) {
            assertThat(rows(setting)).as("rows of %s in %s", setting, MANUAL).hasSize(1);
            assertThat(rows(setting).get(0).split("\\|")[2])
                    .as("default of %s", setting)
                    .contains(writtenDefault(setting));
        }
    }

    @Test
    void everySystemPropertyIsThere() throws IOException {
        String manual = Files.readString(MANUAL);
        for (String property : SystemDefaultsCleared.NAMES) {
            assertThat(manual).contains('`' + property.substring("dev.nettyuring.".length()) + '`');
        }
    }
}
