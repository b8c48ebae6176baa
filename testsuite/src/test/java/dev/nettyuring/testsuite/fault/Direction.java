// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import io.netty.buffer.ByteBuf;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** One of the two streams of a connection: which bytes it is made of, and how far they have come. */
final class Direction {
    private static final int PERIOD = 65_521;
    /** So that a piece of up to three periods lies in one stretch, wherever it begins. */
    private static final int PERIODS = 4;

    static final int MAX_PIECE = (PERIODS - 1) * PERIOD;

    private static final byte[] PATTERN = pattern();

    private final int start;
    private volatile long written;
    private volatile long received;
    /** All that was written had left when the output was shut down. */
    volatile boolean shutdown;
    /** Asked for, and so the reader may see it before the sender is told. */
    volatile boolean shutdownAsked;
    /** The receiver has found the end. */
    volatile boolean ended;

    Direction(int start) {
        this.start = Math.floorMod(start, PERIOD);
    }

    private static byte[] pattern() {
        byte[] period = new byte[PERIOD];
        new Random(1).nextBytes(period);
        byte[] pattern = new byte[PERIOD * PERIODS];
        for (int i = 0; i < PERIODS; i++) {
            System.arraycopy(period, 0, pattern, i * PERIOD, PERIOD);
        }
        return pattern;
    }

    static void writeFile(Path file) throws IOException {
        Files.write(file, PATTERN);
    }

    private int at(long offset) {
        return (int) ((start + offset) % PERIOD);
    }

    /** Where the next bytes to write are in the file. */
    int position() {
        return at(written);
    }

    /** The byte at an offset. */
    byte byteAt(long offset) {
        return PATTERN[at(offset)];
    }

    /** The next bytes are written. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // who sends does so one piece after another
    void advance(int length) {
        written += length;
    }

    /** Appends the next bytes. */
    void fill(ByteBuf buf, int length) {
        buf.writeBytes(PATTERN, at(written), length);
        advance(length);
    }

    long written() {
        return written;
    }

    long received() {
        return received;
    }

    /** Bytes arrived; returns where in the stream they are. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // the receiver's loop alone writes it
    long arrived(int length) {
        long offset = received;
        received += length;
        return offset;
    }

    /** What is wrong with bytes that arrived at an offset, or {@code null}. */
    String fault(ByteBuf buf, long offset) {
        byte[] bytes = new byte[buf.readableBytes()];
        buf.getBytes(buf.readerIndex(), bytes);
        for (int i = 0; i < bytes.length; i += PERIOD) {
            int length = Math.min(PERIOD, bytes.length - i);
            if (!PlatformDependent.equals(bytes, i, PATTERN, at(offset + i), length)) {
                int first = i;
                while (bytes[first] == PATTERN[at(offset + first)]) {
                    first++;
                }
                return "byte " + (offset + first) + " is " + bytes[first] + " and not " + PATTERN[at(offset + first)]
                        + ", in a piece of " + bytes.length + " from " + offset;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return written + " written, " + received + " received" + (shutdown ? ", shut down" : "")
                + (ended ? ", end seen" : "");
    }
}
