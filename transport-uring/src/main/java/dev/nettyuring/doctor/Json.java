// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, strings, numbers, booleans and {@code null} as JSON (RFC 8259). */
final class Json {
    private static final String INDENT = "  ";
    private static final char FIRST_PRINTABLE = ' ';

    private final StringBuilder text = new StringBuilder();

    private Json() {}

    static String write(Object value) {
        Json json = new Json();
        json.value(value, "\n");
        return json.text.toString();
    }

    private void value(Object value, String newLine) {
        if (value instanceof Map<?, ?> map) {
            String separator = "";
            text.append('{');
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                text.append(separator).append(newLine).append(INDENT);
                string(String.valueOf(entry.getKey()));
                text.append(": ");
                value(entry.getValue(), newLine + INDENT);
                separator = ",";
            }
            text.append(map.isEmpty() ? "" : newLine).append('}');
        } else if (value instanceof List<?> list) {
            String separator = "";
            text.append('[');
            for (Object element : list) {
                text.append(separator).append(newLine).append(INDENT);
                value(element, newLine + INDENT);
                separator = ",";
            }
            text.append(list.isEmpty() ? "" : newLine).append(']');
        } else if (value instanceof String string) {
            string(string);
        } else {
            text.append(value);
        }
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
