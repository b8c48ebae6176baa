// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Finds the end of a message's body, which it leaves as it is. Between what has to be looked at it knows of bytes that nobody
 * has to look at, which can be spliced.
 */
abstract class HttpBody {
    /** A body that ends with the connection. */
    static final long UNTIL_THE_END = Long.MAX_VALUE;

    /** What is not HTTP. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** How many of the next bytes belong to the body; it then counts on these being passed on. */
    abstract int take(ByteBuf bytes) throws MalformedException;

    /** How many bytes certainly follow that need not be looked at. */
    abstract long certain();

    /** So many of the {@link #certain()} bytes were passed on without being looked at. */
    abstract void skip(long bytes);

    abstract boolean isComplete();

    static HttpBody ofLength(long length) {
        return new OfLength(length);
    }

    static HttpBody chunked() {
        return new Chunked();
    }

    private static final class OfLength extends HttpBody {
        private long left;

        OfLength(long length) {
            left = length;
        }

        @Override
        int take(ByteBuf bytes) {
            int count = (int) Math.min(left, bytes.readableBytes());
            skip(count);
            return count;
        }

        @Override
        long certain() {
            return left;
        }

        @Override
        void skip(long bytes) {
            if (left != UNTIL_THE_END) {
                left -= bytes;
            }
        }

        @Override
        boolean isComplete() {
            return left == 0;
        }
    }

    /** Chunks and trailers, RFC 9112 section 7.1: lines end with CR LF and nothing else. */
    private static final class Chunked extends HttpBody {
        private static final int MAX_LINE = 8 << 10;
        private static final int MAX_SIZE_DIGITS = 15;

        private enum State {
            SIZE,
            DATA,
            END_OF_DATA,
            TRAILERS,
            COMPLETE
        }

        private final StringBuilder line = new StringBuilder();
        private State state = State.SIZE;
        private long left;
        private boolean carriageReturn;

        @Override
        int take(ByteBuf bytes) throws MalformedException {
            int start = bytes.readerIndex();
            int at = start;
            while (state != State.COMPLETE && at < bytes.writerIndex()) {
                if (state == State.DATA) {
                    int count = (int) Math.min(left, bytes.writerIndex() - at);
                    at += count;
                    skip(count);
                } else {
                    takeOfLine(bytes.getByte(at++));
                }
            }
            return at - start;
        }

        private void takeOfLine(byte next) throws MalformedException {
            if (carriageReturn) {
                if (next != '\n') {
                    throw new MalformedException("CR without LF in a chunked body");
                }
                carriageReturn = false;
                endOfLine(line.toString());
                line.setLength(0);
            } else if (next == '\r') {
                carriageReturn = true;
            } else if (next == '\n' || line.length() == MAX_LINE) {
                throw new MalformedException(
                        next == '\n' ? "LF without CR in a chunked body" : "line of a chunk too long");
            } else {
                line.append(AsciiString.b2c(next));
            }
        }

        private void endOfLine(String line) throws MalformedException {
            switch (state) {
                case SIZE:
                    left = size(line);
                    state = left == 0 ? State.TRAILERS : State.DATA;
                    break;
                case END_OF_DATA:
                    if (!line.isEmpty()) {
                        throw new MalformedException("chunk longer than its size");
                    }
                    state = State.SIZE;
                    break;
                default:
                    if (line.isEmpty()) {
                        state = State.COMPLETE;
                    }
            }
        }

        private static long size(String line) throws MalformedException {
            int extension = line.indexOf(';');
            String digits = (extension < 0 ? line : line.substring(0, extension)).trim();
            if (digits.isEmpty() || digits.length() > MAX_SIZE_DIGITS || !digits.matches("[0-9a-fA-F]+")) {
                throw new MalformedException("chunk size: " + digits);
            }
            return Long.parseLong(digits, 16);
        }

        @Override
        long certain() {
            return state == State.DATA ? left : 0;
        }

        @Override
        void skip(long bytes) {
            left -= bytes;
            if (left == 0) {
                state = State.END_OF_DATA;
            }
        }

        @Override
        boolean isComplete() {
            return state == State.COMPLETE;
        }
    }
}
