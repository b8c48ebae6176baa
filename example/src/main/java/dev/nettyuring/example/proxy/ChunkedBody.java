// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/** Chunks and trailers, RFC 9112 section 7.1: lines end with CR LF and nothing else. */
final class ChunkedBody extends HttpBody {
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
            throw new MalformedException(next == '\n' ? "LF without CR in a chunked body" : "line of a chunk too long");
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
