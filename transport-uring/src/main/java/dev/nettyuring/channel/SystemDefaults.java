// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.util.internal.SystemPropertyUtil;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongPredicate;

/** Defaults that system properties named {@code dev.nettyuring.*} set, for whoever cannot change the program. */
final class SystemDefaults {
    private static final String PREFIX = "dev.nettyuring.";
    /** Of {@link SystemPropertyUtil#getBoolean}. */
    private static final Set<String> BOOLEANS = Set.of("", "true", "yes", "1", "false", "no", "0");

    private SystemDefaults() {}

    /**
     * A number, within bounds that are both included.
     *
     * @throws IllegalArgumentException if the property is set to anything else
     */
    static long number(String name, long unset, long min, long max) {
        return number(name, unset, number -> number >= min && number <= max, range(min, max));
    }

    /**
     * A power of two, within bounds that are both included.
     *
     * @throws IllegalArgumentException if the property is set to anything else
     */
    static int powerOfTwo(String name, int unset, int min, int max) {
        return (int) number(
                name,
                unset,
                number -> number >= min && number <= max && Long.bitCount(number) == 1,
                "a power of two from " + range(min, max));
    }

    private static long number(String name, long unset, LongPredicate isExpected, String expected) {
        String value = SystemPropertyUtil.get(PREFIX + name);
        if (value == null) {
            return unset;
        }
        try {
            long number = Long.parseLong(value.trim());
            if (isExpected.test(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw unexpected(name, value, expected, e);
        }
        throw unexpected(name, value, expected, null);
    }

    /**
     * One of the constants of {@code unset}'s type, by its name.
     *
     * @throws IllegalArgumentException if the property is set to anything else
     */
    static <E extends Enum<E>> E constant(String name, E unset) {
        String value = SystemPropertyUtil.get(PREFIX + name, unset.name());
        for (E constant : unset.getDeclaringClass().getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(value.trim())) {
                return constant;
            }
        }
        E[] constants = unset.getDeclaringClass().getEnumConstants();
        throw unexpected(name, value, "one of " + Arrays.toString(constants), null);
    }

    /**
     * Nothing, if the property is not set, or as Netty's are that are true or false.
     *
     * @throws IllegalArgumentException if it is set to anything else
     */
    static void checkBoolean(String name) {
        String value = SystemPropertyUtil.get(PREFIX + name, "");
        if (!BOOLEANS.contains(value.trim().toLowerCase(Locale.ROOT))) {
            throw unexpected(name, value, "true or false", null);
        }
    }

    /** Bounds, in words. */
    static String range(long min, long max) {
        return min + (max == Long.MAX_VALUE ? " or more" : " to " + max);
    }

    private static IllegalArgumentException unexpected(String name, String value, String expected, Exception cause) {
        return new IllegalArgumentException(
                "-D" + PREFIX + name + ": " + value + " (expected: " + expected + ")", cause);
    }
}
