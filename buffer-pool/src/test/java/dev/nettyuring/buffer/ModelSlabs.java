// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Which slabs a loop should have, and the buffers in them. */
final class ModelSlabs {
    private final TestPool pool;
    private final int bufferSize;
    private final int buffersASlab;
    private final ByteBuf[] slabs;
    private final ModelBuffer[] buffers;
    private final List<ByteBuf> givenBack = new ArrayList<>();

    ModelSlabs(ReceiveMemory memory, TestPool pool) {
        this.pool = pool;
        bufferSize = memory.bufferSize();
        buffersASlab = Math.max(1, Math.min(memory.slabSize() / bufferSize, memory.limit()));
        buffers = new ModelBuffer[memory.limit()];
        slabs = new ByteBuf[(memory.limit() + buffersASlab - 1) / buffersASlab];
    }

    /** The buffer of that id, which must exist. */
    ModelBuffer byId(int id) {
        assertThat(id).as("buffer id").isLessThan(buffers.length);
        return Objects.requireNonNull(buffers[id], () -> "buffer " + id + " does not exist");
    }

    Stream<ModelBuffer> stream() {
        return Arrays.stream(buffers).filter(Objects::nonNull);
    }

    int count(BufferState state) {
        int count = 0;
        for (ModelBuffer buffer : buffers) {
            if (buffer != null && buffer.state == state) {
                count++;
            }
        }
        return count;
    }

    boolean isAtLimit() {
        return Arrays.stream(slabs).allMatch(Objects::nonNull);
    }

    /** A slab came from the pool; it stands where there was none. */
    void add() {
        int slot = 0;
        while (slabs[slot] != null) {
            slot++;
        }
        ByteBuf slab = pool.nextAllocated();
        assertThat(slab).as("slab from the pool").isNotNull();
        slabs[slot] = slab;
        long address = RawMemory.addressOf(slab);
        for (int id = first(slot); id < end(slot); id++) {
            buffers[id] = new ModelBuffer(id, address + (long) (id - first(slot)) * bufferSize);
        }
    }

    private int first(int slot) {
        return slot * buffersASlab;
    }

    private int end(int slot) {
        return Math.min(first(slot) + buffersASlab, buffers.length);
    }

    /** Gives back, from the last, the slabs of which all is free, as long as so many free buffers are left. */
    void trim(int keep) {
        for (int slot = slabs.length - 1; slot >= 0; slot--) {
            if (slabs[slot] != null
                    && Arrays.stream(buffers, first(slot), end(slot)).allMatch(b -> b.state == BufferState.FREE)
                    && count(BufferState.FREE) - (end(slot) - first(slot)) >= keep) {
                givenBack.add(slabs[slot]);
                slabs[slot] = null;
                Arrays.fill(buffers, first(slot), end(slot), null);
            }
        }
    }

    /** The pool has what it should, and nothing was taken that the model knows nothing of. */
    void check(boolean over) {
        assertThat(pool.nextAllocated()).as("further slab").isNull();
        for (ByteBuf slab : givenBack) {
            assertThat(slab.refCnt())
                    .as("references to a slab that was given back")
                    .isZero();
        }
        for (ByteBuf slab : slabs) {
            if (slab != null) {
                assertThat(slab.refCnt()).as("references to a slab").isEqualTo(over ? 0 : 1);
            }
        }
    }
}
