// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

/** Runs the programs that it is given the classes of, in one JVM. */
final class InTurn {
    private InTurn() {}

    public static void main(String[] classes) throws Exception {
        for (String name : classes) {
            Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        }
    }
}
