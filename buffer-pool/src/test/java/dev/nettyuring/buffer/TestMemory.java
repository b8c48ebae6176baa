// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/** Receive memory for tests, by the sizes that they care about. */
final class TestMemory {
    private TestMemory() {}

    static ReceiveMemory of(int bufferSize, int depth, int limit) {
        return of(bufferSize, depth, limit, true);
    }

    static ReceiveMemory of(int bufferSize, int depth, int limit, boolean incremental) {
        return new ReceiveMemory(
                bufferSize,
                depth,
                incremental ? depth : 4 * depth,
                limit,
                incremental,
                1 << 20,
                false,
                new SlabReceivePool(Slab.Prefault.UP_FRONT, false));
    }

    static ReceiveBuffers pool(int bufferSize, int limit) {
        return new ReceiveBuffers(of(bufferSize, limit, limit), () -> {});
    }
}
