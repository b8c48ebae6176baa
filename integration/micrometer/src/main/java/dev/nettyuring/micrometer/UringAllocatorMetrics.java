// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.micrometer;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;

/**
 * A {@link UringByteBufAllocator}: what Micrometer's own {@link NettyAllocatorMetrics} has ({@code netty.allocator.memory.used};
 * of direct memory, what is mapped), and how much of that is in use, and what was beyond the limit. The tag {@code id} is the
 * same for all of one allocator. Any thread may use it.
 */
public final class UringAllocatorMetrics implements MeterBinder {
    private final UringByteBufAllocator allocator;

    /** Binds nothing yet. */
    public UringAllocatorMetrics(UringByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new NettyAllocatorMetrics(allocator).bindTo(registry);
        Tags tags = Tags.of("id", String.valueOf(allocator.hashCode()));
        Gauge.builder("netty.uring.allocator.memory.used", allocator, UringByteBufAllocator::bytesInUse)
                .tags(tags)
                .baseUnit(BaseUnits.BYTES)
                .description("Memory that buffers occupy in slabs")
                .register(registry);
        FunctionCounter.builder(
                        "netty.uring.allocator.beyond.limit", allocator, UringByteBufAllocator::buffersBeyondLimit)
                .tags(tags)
                .baseUnit(BaseUnits.BUFFERS)
                .description("Buffers of unpooled memory, the limit being reached")
                .register(registry);
    }
}
