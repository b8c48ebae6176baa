// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class UringEventLoopMetricsTest {
    private static final int LIMIT_SECONDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(LIMIT_SECONDS);
    private static final int BYTES = 200_000;
    private static final int LOOPS = 2;

    /** With little memory to receive into, so that there is something to count. */
    private static EventLoopGroup loops(int count, String poolName) {
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(2 * 4096)
                .exhaustion(UringConfig.Exhaustion.ALLOCATE)
                .build();
        return new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory(poolName, true), UringIoHandler.newFactory(config));
    }

    private static void end(EventLoopGroup group) throws InterruptedException {
        assertThat(group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }

    /** An echo of some bytes, sent by zero copy, whatever that costs. */
    private static void work(EventLoopGroup group) throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                context.writeAndFlush(message);
                            }
                        });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(LIMIT_SECONDS * 1000);
            Thread writer = new Thread(() -> {
                try {
                    client.getOutputStream().write(new byte[BYTES]);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.start();
            assertThat(client.getInputStream().readNBytes(BYTES)).hasSize(BYTES);
            writer.join();
        }
        server.close().sync();
    }

    /** By name: all but {@code receive.buffers}, which there are several of. */
    private static Map<String, ToDoubleFunction<UringMetrics>> expected() {
        Map<String, ToDoubleFunction<UringMetrics>> figures = new TreeMap<>();
        figures.put("turns", UringMetrics::turns);
        figures.put("enters", UringMetrics::enters);
        figures.put("submissions", UringMetrics::submissions);
        figures.put("completions", UringMetrics::completions);
        figures.put("completion.overflows", UringMetrics::completionOverflows);
        figures.put("wakeups", UringMetrics::wakeups);
        figures.put("operations", UringMetrics::operationsInFlight);
        figures.put("receive.buffers.lent", UringMetrics::lentReceiveBuffers);
        figures.put("receive.buffers.returned", UringMetrics::returnedReceiveBuffers);
        figures.put("receive.ring.empty", UringMetrics::emptyBufferRings);
        figures.put("receive.exhaustions", UringMetrics::bufferExhaustions);
        figures.put("receive.memory.failures", UringMetrics::receiveMemoryFailures);
        figures.put("receive.copied", UringMetrics::copiedPieces);
        figures.put("receive.allocated", UringMetrics::allocatedReceives);
        figures.put("receive.truncated", UringMetrics::truncatedDatagrams);
        figures.put("receive.memory", UringMetrics::receiveMemory);
        figures.put("send.zerocopy", UringMetrics::zeroCopySends);
        figures.put("send.zerocopy.copied", UringMetrics::copiedZeroCopySends);
        figures.put("send.memory.registered", UringMetrics::registeredMemory);
        return figures;
    }

    private static double value(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }

    @Test
    void everyMeterShowsItsFigureOfItsLoop() throws Exception {
        EventLoopGroup group = loops(LOOPS, "figures");
        MeterRegistry registry = new SimpleMeterRegistry();
        new UringEventLoopMetrics(group, Tags.of("service", "echo")).bindTo(registry);
        work(group);
        for (EventExecutor loop : group) {
            UringMetrics metrics = UringMetrics.of(loop);
            String thread = loop.submit(() -> Thread.currentThread().getName()).get();
            Tags tags = Tags.of("service", "echo", "name", thread);
            await().atMost(LIMIT).untilAsserted(() -> {
                expected().forEach((name, figure) -> assertThat(value(
                                registry.get("netty.uring." + name).tags(tags).meter()))
                        .as(name)
                        .isEqualTo(figure.applyAsDouble(metrics)));
                for (BufferState state : BufferState.values()) {
                    Tags withState = tags.and("state", state.name().toLowerCase(Locale.ROOT));
                    assertThat(value(registry.get("netty.uring.receive.buffers")
                                    .tags(withState)
                                    .meter()))
                            .isEqualTo(metrics.receiveBuffers(state));
                }
            });
        }
        int buffers = BufferState.values().length;
        assertThat(registry.getMeters()).hasSize(LOOPS * (expected().size() + buffers));
        assertThat(registry.getMeters()).allSatisfy(meter -> {
            assertThat(meter.getId().getDescription()).isNotBlank();
            assertThat(meter.getId().getBaseUnit()).isNotBlank();
        });
        end(group);
    }

    @Test
    void prometheusHasThemWithTheirUnits() throws Exception {
        EventLoopGroup group = loops(1, "prometheus");
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new UringEventLoopMetrics(group).bindTo(registry);
        work(group);
        String thread = group.submit(() -> Thread.currentThread().getName()).get();
        String scraped = registry.scrape();
        assertThat(scraped)
                .contains("# TYPE netty_uring_enters_calls_total counter")
                .contains("# HELP netty_uring_enters_calls_total Calls of io_uring_enter")
                .contains("netty_uring_receive_memory_bytes{name=\"" + thread + "\"} 8192.0")
                .containsPattern("netty_uring_receive_buffers\\{name=\"" + thread + "\",state=\"kernel\"} [0-9]")
                .containsPattern("netty_uring_enters_calls_total\\{name=\"" + thread + "\"} [1-9]")
                .containsPattern("netty_uring_send_zerocopy_sends_total\\{name=\"" + thread + "\"} [0-9]");
        assertThat(scraped.lines().filter(line -> line.startsWith("# TYPE netty_uring")))
                .hasSize(expected().size() + 1);
        end(group);
    }

    @Test
    void aLoopsMetersGoWhenItEnds() throws Exception {
        EventLoopGroup group = loops(2, "ending");
        MeterRegistry registry = new SimpleMeterRegistry();
        new UringEventLoopMetrics(group).bindTo(registry);
        assertThat(registry.getMeters()).isNotEmpty();
        end(group);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(registry.getMeters()).isEmpty());
        new UringEventLoopMetrics(group).bindTo(registry);
        assertThat(registry.getMeters()).as("of a group that has ended").isEmpty();
    }

    private static UringEventLoopMetrics bindAndEnd(MeterRegistry registry, WeakReference<?>[] seen) throws Exception {
        EventLoopGroup group = loops(1, "forgotten");
        seen[0] = new WeakReference<>(group);
        seen[1] = new WeakReference<>(group.next());
        UringEventLoopMetrics binder = new UringEventLoopMetrics(group);
        binder.bindTo(registry);
        work(group);
        end(group);
        return binder;
    }

    /** Its shutdown begins when the binder has just looked. */
    @Test
    void aLoopThatEndsMeanwhileHasNone() throws Exception {
        AtomicBoolean seemsToRun = new AtomicBoolean();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory()) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... arguments) {
                return new SingleThreadIoEventLoop(this, executor, factory) {
                    @Override
                    public boolean isShuttingDown() {
                        return !seemsToRun.get() && super.isShuttingDown();
                    }
                };
            }
        };
        end(group);
        seemsToRun.set(true);
        MeterRegistry registry = new SimpleMeterRegistry();
        new UringEventLoopMetrics(group).bindTo(registry);
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void nothingKeepsAGroupThatHasEnded() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        WeakReference<?>[] seen = new WeakReference<?>[2];
        UringEventLoopMetrics binder = bindAndEnd(registry, seen);
        await().pollInSameThread().atMost(LIMIT).untilAsserted(() -> {
            System.gc();
            assertThat(seen).allSatisfy(reference -> assertThat(reference.get()).isNull());
        });
        binder.bindTo(registry);
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void loopsOfOtherTransportsHaveNone() throws Exception {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        MeterRegistry registry = new SimpleMeterRegistry();
        new UringEventLoopMetrics(nio).bindTo(registry);
        assertThat(registry.getMeters()).isEmpty();
        end(nio);
    }
}
