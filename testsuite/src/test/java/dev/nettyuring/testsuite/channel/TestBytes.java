// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.util.Random;

/** Bytes that repeat nowhere, and are the same whenever they are asked for. */
final class TestBytes {
    private TestBytes() {}

    static byte[] random(int length) {
        return random(length, length);
    }

    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
