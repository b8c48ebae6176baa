// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** The bytes that streams are made of. Each begins somewhere else, so that another one's bytes, or none, show. */
public final class Pattern {
    /** No power of two, so that nothing repeats at the distance of a buffer. */
    public static final int PERIOD = 65_521;
    /** So that a piece of up to three periods lies in one stretch, wherever it begins. */
    private static final int PERIODS = 4;

    private static final byte[] BYTES = bytes();

    private Pattern() {}

    private static byte[] bytes() {
        byte[] period = new byte[PERIOD];
        new Random(1).nextBytes(period);
        byte[] bytes = new byte[PERIODS * PERIOD];
        for (int i = 0; i < PERIODS; i++) {
            System.arraycopy(period, 0, bytes, i * PERIOD, PERIOD);
        }
        return bytes;
    }

    /** A file of them; a stretch of up to three periods may begin anywhere in its first. */
    public static void write(Path file) throws IOException {
        Files.write(file, BYTES);
    }

    /** Where the byte that is so far on is in the file. */
    public static int position(long offset) {
        return (int) (offset % PERIOD);
    }

    /** The byte that is so far on. */
    public static byte byteAt(long offset) {
        return BYTES[position(offset)];
    }

    /** Appends the bytes from an offset on. */
    public static ByteBuf fill(ByteBuf buf, long offset, int length) {
        return buf.writeBytes(BYTES, position(offset), length);
    }

    /** Whether what is readable is what has to be there from an offset on. */
    public static boolean matches(ByteBuf buf, long offset) {
        byte[] bytes = new byte[buf.readableBytes()];
        buf.getBytes(buf.readerIndex(), bytes);
        return mismatch(bytes, offset) < 0;
    }

    /** The index of the first byte that is not what has to be there from an offset on; negative if all are. */
    public static int mismatch(byte[] bytes, long offset) {
        for (int i = 0; i < bytes.length; i += PERIOD) {
            int length = Math.min(PERIOD, bytes.length - i);
            int position = position(offset + i);
            int first = Arrays.mismatch(bytes, i, i + length, BYTES, position, position + length);
            if (first >= 0) {
                return i + first;
            }
        }
        return -1;
    }
}
