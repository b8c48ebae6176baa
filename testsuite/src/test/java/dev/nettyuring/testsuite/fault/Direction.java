// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.testsuite.Pattern;
import io.netty.buffer.ByteBuf;

/** One of the two streams of a connection: which bytes it is made of, and how far they have come. */
final class Direction {
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
        this.start = Math.floorMod(start, Pattern.PERIOD);
    }

    /** Where the next bytes to write are in the file. */
    int position() {
        return Pattern.position(start + written);
    }

    /** The byte at an offset. */
    byte byteAt(long offset) {
        return Pattern.byteAt(start + offset);
    }

    /** The next bytes are written. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // who sends does so one piece after another
    void advance(int length) {
        written += length;
    }

    /** Appends the next bytes. */
    void fill(ByteBuf buf, int length) {
        Pattern.fill(buf, start + written, length);
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
        int first = Pattern.mismatch(bytes, start + offset);
        return first < 0
                ? null
                : "byte " + (offset + first) + " is " + bytes[first] + " and not " + byteAt(offset + first)
                        + ", in a piece of " + bytes.length + " from " + offset;
    }

    @Override
    public String toString() {
        return written + " written, " + received + " received" + (shutdown ? ", shut down" : "")
                + (ended ? ", end seen" : "");
    }
}
