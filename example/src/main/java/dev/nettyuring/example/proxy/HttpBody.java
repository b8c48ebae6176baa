// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import io.netty.buffer.ByteBuf;

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
        return new ChunkedBody();
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
}
