// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void mapsAndListsKeepTheirOrder() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", Arrays.asList(1L, null, true));
        map.put("a", Map.of("c", "d"));
        assertThat(Json.write(map))
                .isEqualTo("{\n  \"b\": [\n    1,\n    null,\n    true\n  ],\n  \"a\": {\n    \"c\": \"d\"\n  }\n}");
    }

    @Test
    void whatIsEmptyTakesNoLines() {
        assertThat(Json.write(List.of(Map.of(), List.of()))).isEqualTo("[\n  {},\n  []\n]");
    }

    @Test
    void stringsAreEscaped() {
        assertThat(Json.write("a\"b\\c\n\u001fé")).isEqualTo("\"a\\\"b\\\\c\\u000a\\u001fé\"");
    }
}
