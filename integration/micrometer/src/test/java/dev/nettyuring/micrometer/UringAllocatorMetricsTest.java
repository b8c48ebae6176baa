// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;

class UringAllocatorMetricsTest {
    private static final int SLAB = 1 << 16;

    @Test
    void whatIsMappedInUseAndBeyondTheLimit() {
        UringByteBufAllocator allocator =
                UringByteBufAllocator.builder().slabSize(SLAB).memoryLimit(SLAB).build();
        MeterRegistry registry = new SimpleMeterRegistry();
        new UringAllocatorMetrics(allocator).bindTo(registry);
        String id = String.valueOf(allocator.hashCode());
        ByteBuf within = allocator.directBuffer(SLAB);
        ByteBuf beyond = allocator.directBuffer(SLAB);
        try {
            assertThat(registry.get("netty.uring.allocator.memory.used")
                            .tag("id", id)
                            .gauge()
                            .value())
                    .isEqualTo(SLAB);
            assertThat(registry.get("netty.allocator.memory.used")
                            .tags("id", id, "memory.type", "direct")
                            .gauge()
                            .value())
                    .isEqualTo(SLAB);
            assertThat(registry.get("netty.uring.allocator.beyond.limit")
                            .tag("id", id)
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
        } finally {
            within.release();
            beyond.release();
        }
    }

    @Test
    void prometheusTakesSeveral() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new UringAllocatorMetrics(UringByteBufAllocator.builder().build()).bindTo(registry);
        new UringAllocatorMetrics(UringByteBufAllocator.builder().build()).bindTo(registry);
        assertThat(registry.scrape()
                        .lines()
                        .filter(line -> line.startsWith("netty_uring_allocator_memory_used_bytes{")))
                .hasSize(2);
    }
}
