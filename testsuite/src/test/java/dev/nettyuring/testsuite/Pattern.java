// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** The bytes that all streams are made of. Each begins somewhere else, so that another one's bytes, or none, show. */
final class Pattern {
    /** No power of two, so that nothing repeats at the distance of a buffer. */
    static final int PERIOD = 65_521;

    static final int MAX_LENGTH = PERIOD;
    private static final byte[] BYTES = bytes();

    private Pattern() {}

    private static byte[] bytes() {
        byte[] once = new byte[PERIOD];
        new Random(1).nextBytes(once);
        byte[] twice = Arrays.copyOf(once, 2 * PERIOD);
        System.arraycopy(once, 0, twice, PERIOD, PERIOD);
        return twice;
    }

    /** A file of them; a stretch of up to {@link #MAX_LENGTH} may begin anywhere in its first half. */
    static void write(Path file) throws IOException {
        Files.write(file, BYTES);
    }

    /** Where the byte that is so far on is in the file. */
    static int position(long offset) {
        return (int) (offset % PERIOD);
    }

    /** Appends the bytes from an offset on. */
    static ByteBuf fill(ByteBuf buf, long offset, int length) {
        return buf.writeBytes(BYTES, position(offset), length);
    }

    /** Whether what is readable is what has to be there from an offset on. Reads it. */
    static boolean matches(ByteBuf buf, long offset) {
        byte[] bytes = new byte[Math.min(MAX_LENGTH, buf.readableBytes())];
        for (long at = offset; buf.isReadable(); at += bytes.length) {
            int length = Math.min(bytes.length, buf.readableBytes());
            buf.readBytes(bytes, 0, length);
            int position = position(at);
            if (!Arrays.equals(bytes, 0, length, BYTES, position, position + length)) {
                return false;
            }
        }
        return true;
    }
}
