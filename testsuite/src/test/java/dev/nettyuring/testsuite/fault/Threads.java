// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import java.util.Map;

/** What all threads do. */
final class Threads {
    private static final int FRAMES = 25;

    private Threads() {}

    static void dump() {
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            System.out.println("  " + thread.getKey());
            StackTraceElement[] frames = thread.getValue();
            for (int i = 0; i < Math.min(frames.length, FRAMES); i++) {
                System.out.println("      at " + frames[i]);
            }
        }
    }
}
