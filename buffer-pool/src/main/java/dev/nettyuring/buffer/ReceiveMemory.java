// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/**
 * How much memory a loop receives into, and of what kind.
 *
 * @param bufferSize bytes a buffer
 * @param depth how many buffers wait in the ring at rest
 * @param maxDepth how many wait in it at the most, after it was found empty
 * @param limit the most buffers that the loop ever has, in the ring and in the pipeline together
 * @param incremental whether the kernel consumes buffers piece by piece (IOU_PBUF_RING_INC, kernel 6.12)
 * @param slabSize how many bytes are taken from the pool at once; at least one buffer is
 * @param scrubOnRelease whether a buffer is cleared before it is used again
 * @param pool where the memory comes from
 */
public record ReceiveMemory(
        int bufferSize,
        int depth,
        int maxDepth,
        int limit,
        boolean incremental,
        int slabSize,
        boolean scrubOnRelease,
        ReceivePool pool) {}
