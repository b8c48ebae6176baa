// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.UringMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** What a server has served, and what that cost. Any thread. */
public final class ServerStatistics {
    private final long startNanos = System.nanoTime();
    private final List<UringMetrics> loops = new ArrayList<>();
    private final TrafficHandler traffic = new TrafficHandler();
    private final LongAdder requests = new LongAdder();

    ServerStatistics(EventLoopGroup group) {
        for (EventExecutor loop : group) {
            loops.add(UringMetrics.of(loop));
        }
    }

    /** Counts connections and bytes; the first handler of every pipeline. */
    TrafficHandler traffic() {
        return traffic;
    }

    void requestAnswered() {
        requests.increment();
    }

    /** Connections accepted. */
    public long connections() {
        return traffic.connections.sum();
    }

    /** Requests answered, in whatever way. */
    public long requests() {
        return requests.sum();
    }

    /** Bytes received, request heads included. */
    public long bytesReceived() {
        return traffic.bytesReceived.sum();
    }

    /** Bytes written, response heads included. */
    public long bytesSent() {
        return traffic.bytesSent.sum();
    }

    /** Calls of io_uring_enter(2), by all event loops. */
    public long enters() {
        return loops.stream().mapToLong(UringMetrics::enters).sum();
    }

    /** System calls of the event loops, those that woke them included, for each request; 0 before the first. */
    public double systemCallsPerRequest() {
        long wakeups = loops.stream().mapToLong(UringMetrics::wakeups).sum();
        long answered = requests();
        return answered == 0 ? 0 : (double) (enters() + wakeups) / answered;
    }

    private double uptimeSeconds() {
        return Duration.ofNanos(System.nanoTime() - startNanos).toMillis() / 1e3;
    }

    String json() {
        return String.format(
                Locale.ROOT,
                """
                {
                  "transport": "io_uring",
                  "uptimeSeconds": %.3f,
                  "connections": %d,
                  "openConnections": %d,
                  "requests": %d,
                  "bytesReceived": %d,
                  "bytesSent": %d,
                  "ioUringEnters": %d,
                  "systemCallsPerRequest": %.3f,
                  "operationsInFlight": %d,
                  "receiveMemoryBytes": %d
                }
                """,
                uptimeSeconds(),
                connections(),
                traffic.openConnections.sum(),
                requests(),
                bytesReceived(),
                bytesSent(),
                enters(),
                systemCallsPerRequest(),
                loops.stream().mapToInt(UringMetrics::operationsInFlight).sum(),
                loops.stream().mapToLong(UringMetrics::receiveMemory).sum());
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "served %,d connections, %,d requests, %,d bytes in, %,d bytes out in %.1f s%n"
                        + "io_uring_enter: %,d calls; system calls a request: %.3f",
                connections(),
                requests(),
                bytesReceived(),
                bytesSent(),
                uptimeSeconds(),
                enters(),
                systemCallsPerRequest());
    }
}
