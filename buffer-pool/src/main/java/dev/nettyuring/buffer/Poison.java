// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.util.internal.SystemPropertyUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A debugging aid: with {@code -Ddev.nettyuring.poison=true} memory that nobody has is filled with a pattern, so that who
 * writes to it, or reads from it, is found out.
 */
final class Poison {
    static final boolean ENABLED = SystemPropertyUtil.getBoolean("dev.nettyuring.poison", false);
    static final byte PATTERN = (byte) 0xA5;
    static final int UNTOUCHED = -1;

    private static final int CHUNK = 4096;
    private static final ByteBuffer POISONED = chunkOf(PATTERN);
    private static final ByteBuffer ZEROS = chunkOf((byte) 0);

    private Poison() {}

    private static ByteBuffer chunkOf(byte value) {
        byte[] chunk = new byte[CHUNK];
        Arrays.fill(chunk, value);
        return ByteBuffer.wrap(chunk).asReadOnlyBuffer();
    }

    static void fill(ByteBuffer memory) {
        fill(memory, memory.capacity(), POISONED);
    }

    /** Clears the first {@code length} bytes. */
    static void scrub(ByteBuffer memory, int length) {
        fill(memory, length, ZEROS);
    }

    private static void fill(ByteBuffer memory, int length, ByteBuffer chunk) {
        for (int at = 0; at < length; at += CHUNK) {
            memory.put(at, chunk, 0, Math.min(CHUNK, length - at));
        }
    }

    /** The index of the first byte that somebody wrote to, or {@link #UNTOUCHED}. */
    static int damage(ByteBuffer memory) {
        for (int at = 0; at < memory.capacity(); at += CHUNK) {
            int length = Math.min(CHUNK, memory.capacity() - at);
            int mismatch = memory.slice(at, length).mismatch(POISONED.slice(0, length));
            if (mismatch >= 0) {
                return at + mismatch;
            }
        }
        return UNTOUCHED;
    }
}
