// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.micrometer;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The meters of one event loop. They hold its metrics weakly, as Micrometer's do. */
final class LoopMeters {
    private static final String PREFIX = "netty.uring.";
    private static final String CALLS = "calls";
    private static final String ENTRIES = "entries";
    private static final String PIECES = "pieces";
    private static final String SENDS = "sends";

    private final UringMetrics metrics;
    private final Tags tags;
    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();

    LoopMeters(UringMetrics metrics, Tags tags, MeterRegistry registry) {
        this.metrics = metrics;
        this.tags = tags;
        this.registry = registry;
    }

    List<Meter> register() {
        loop();
        receiving();
        sending();
        return meters;
    }

    private void loop() {
        counter("turns", "turns", "Turns of the event loop", UringMetrics::turns);
        counter("enters", CALLS, "Calls of io_uring_enter", UringMetrics::enters);
        counter("submissions", ENTRIES, "Submission queue entries handed to the kernel", UringMetrics::submissions);
        counter("completions", ENTRIES, "Completion queue entries taken", UringMetrics::completions);
        counter(
                "completion.overflows",
                CALLS,
                "Calls of io_uring_enter with which the completion queue had overflowed",
                UringMetrics::completionOverflows);
        counter("wakeups", CALLS, "System calls by which other threads woke the event loop", UringMetrics::wakeups);
        gauge(
                "operations",
                BaseUnits.OPERATIONS,
                "Operations that the kernel has not completed yet",
                UringMetrics::operationsInFlight);
    }

    private void receiving() {
        counter(
                "receive.buffers.lent",
                BaseUnits.BUFFERS,
                "Receive buffers lent to the kernel, each time anew",
                UringMetrics::lentReceiveBuffers);
        counter(
                "receive.buffers.returned",
                BaseUnits.BUFFERS,
                "Receive buffers that came back, all that was received into them being released",
                UringMetrics::returnedReceiveBuffers);
        counter(
                "receive.ring.empty",
                BaseUnits.EVENTS,
                "Receives for which the kernel found no buffer (ENOBUFS)",
                UringMetrics::emptyBufferRings);
        counter(
                "receive.exhaustions",
                BaseUnits.EVENTS,
                "Times that a channel stopped reading, or allocated, at the limit of receive memory",
                UringMetrics::bufferExhaustions);
        counter(
                "receive.memory.failures",
                BaseUnits.EVENTS,
                "Times that there was no memory for receive buffers below the limit",
                UringMetrics::receiveMemoryFailures);
        counter(
                "receive.copied",
                PIECES,
                "Received pieces that were copied to free a buffer",
                UringMetrics::copiedPieces);
        counter(
                "receive.allocated",
                PIECES,
                "Pieces received into memory of a channel's allocator",
                UringMetrics::allocatedReceives);
        counter(
                "receive.truncated",
                "datagrams",
                "Datagrams not read since they were too large for a buffer",
                UringMetrics::truncatedDatagrams);
        gauge(
                "receive.memory",
                BaseUnits.BYTES,
                "Memory of the receive buffers, in whatever state",
                UringMetrics::receiveMemory);
        for (BufferState state : BufferState.values()) {
            receiveBuffers(state);
        }
    }

    private void receiveBuffers(BufferState state) {
        meters.add(Gauge.builder(PREFIX + "receive.buffers", metrics, loop -> loop.receiveBuffers(state))
                .tags(tags.and("state", state.name().toLowerCase(Locale.ROOT)))
                .baseUnit(BaseUnits.BUFFERS)
                .description("Receive buffers by who has them")
                .register(registry));
    }

    private void sending() {
        counter("send.zerocopy", SENDS, "Zero-copy sends that have ended", UringMetrics::zeroCopySends);
        counter(
                "send.zerocopy.copied",
                SENDS,
                "Zero-copy sends that the kernel copied after all",
                UringMetrics::copiedZeroCopySends);
        gauge(
                "send.memory.registered",
                BaseUnits.BYTES,
                "Memory registered with the ring, to be sent without a copy",
                UringMetrics::registeredMemory);
    }

    private void counter(String name, String unit, String description, ToDoubleFunction<UringMetrics> figure) {
        meters.add(FunctionCounter.builder(PREFIX + name, metrics, figure)
                .tags(tags)
                .baseUnit(unit)
                .description(description)
                .register(registry));
    }

    private void gauge(String name, String unit, String description, ToDoubleFunction<UringMetrics> figure) {
        meters.add(Gauge.builder(PREFIX + name, metrics, figure)
                .tags(tags)
                .baseUnit(unit)
                .description(description)
                .register(registry));
    }
}
