// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

/** How much memory kept pieces may waste, and when small ones may therefore be copied. */
final class ModelWaste {
    private final ModelSlabs slabs;
    private final int bufferSize;
    private final int minDepth;
    private boolean mayCopy;
    private long mostKept;

    ModelWaste(ModelSlabs slabs, int bufferSize, int minDepth) {
        this.slabs = slabs;
        this.bufferSize = bufferSize;
        this.minDepth = minDepth;
    }

    /** The ring is short, so that it is refilled. */
    void reckon() {
        int inPipeline = slabs.count(BufferState.PIPELINE);
        if (inPipeline <= minDepth) {
            mayCopy = false;
        } else if ((long) inPipeline * bufferSize > ProvidedBuffers.MAX_WASTE * bytesInPipeline()) {
            mayCopy = true;
        }
    }

    private long bytesInPipeline() {
        return slabs.stream()
                .filter(buffer -> buffer.state == BufferState.PIPELINE)
                .mapToLong(buffer -> buffer.bytesKept)
                .sum();
    }

    /** Whether too much was wasted, and it did not end with all the buffers that the ring does not have at rest. */
    boolean mayCopy() {
        return mayCopy;
    }

    /** A piece was cut. */
    void kept() {
        mostKept = Math.max(
                mostKept, slabs.stream().mapToLong(buffer -> buffer.bytesKept).sum());
    }

    /**
     * What is wasted is bounded: by what may happen between two reckonings, and by what the most bytes that ever were in use
     * excuse, once for buffers of which most was released since, and once for those that are in use now.
     */
    void check(int maxDepth) {
        long excused = 2 * ProvidedBuffers.MAX_WASTE * (mostKept + mostKept / 8);
        assertThat(slabs.count(BufferState.PIPELINE))
                .as("buffers in the pipeline")
                .isLessThanOrEqualTo((int) (minDepth + 2 * maxDepth + excused / bufferSize));
    }
}
