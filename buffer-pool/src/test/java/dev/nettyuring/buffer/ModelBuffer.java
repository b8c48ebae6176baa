// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/** What a receive buffer should be like. */
final class ModelBuffer {
    final int id;
    final long address;
    BufferState state = BufferState.FREE;
    /** How many bytes were received into it since it was lent. */
    int filled;
    /** How many pieces keep it, and how many bytes of it. */
    int pieces;

    int bytesKept;

    ModelBuffer(int id, long address) {
        this.id = id;
        this.address = address;
    }

    void keep(int bytes) {
        pieces++;
        bytesKept += bytes;
    }

    void drop(int bytes) {
        pieces--;
        bytesKept -= bytes;
    }
}
