// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

/** What the examples' command lines have in common: ports. */
public final class Arguments {
    private static final int MAX_PORT = 65_535;
    private static final int USAGE = 2;

    private Arguments() {}

    /** The port of a program's command line; if it is none, says so and ends the process, with status 2. */
    public static int port(String[] arguments, int index, int otherwise) {
        if (index >= arguments.length) {
            return otherwise;
        }
        try {
            return port("port", arguments[index]);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE);
            throw e;
        }
    }

    /**
     * Reads a port; 0 is any free one.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static int port(String name, String value) {
        return number(name, value, 0, MAX_PORT);
    }

    /**
     * Reads a number.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static int number(String name, String value, int min, int max) {
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // the same message
        }
        throw new IllegalArgumentException(name + ": " + (value.isEmpty() ? "nothing" : value)
                + " (expected: a number from " + min + " to " + max + ")");
    }
}
