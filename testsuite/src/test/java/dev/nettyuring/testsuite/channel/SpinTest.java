// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Loops that look for work for a while before they sleep. */
@ExtendWith(TransportInvariants.class)
class SpinTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LONG_MICROS = 1_000_000;
    private static final int SHORT_MICROS = 1000;
    private static final int TASKS = 500;
    /** What a machine that is busy with something else for longer than a loop spins may make of it. */
    private static final int FEW = TASKS / 10;

    private EventLoopGroup group;

    private EventLoop loop(int spinMicros) {
        group = new MultiThreadIoEventLoopGroup(
                1,
                UringIoHandler.newFactory(
                        UringConfig.builder().spinMicros(spinMicros).build()));
        return group.next();
    }

    @AfterEach
    void end() {
        assertThat(group.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .awaitUninterruptibly(LIMIT.toMillis()))
                .isTrue();
    }

    @Test
    void toGiveOneThatSpinsATaskCostsNoSystemCall() throws Exception {
        EventLoop loop = loop(LONG_MICROS);
        for (int i = 0; i < TASKS; i++) {
            loop.submit(() -> {}).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(UringMetrics.of(loop).wakeups()).isLessThan(FEW);
    }

    /** A loop that did not look at them while it spins would take a second for each. */
    @Test
    void scheduledTasksRunMeanwhile() throws Exception {
        EventLoop loop = loop(LONG_MICROS);
        for (int i = 0; i < 2 * LIMIT.toSeconds(); i++) {
            loop.schedule(() -> {}, 1, TimeUnit.MILLISECONDS).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void whatArrivesIsReadWhetherItSpinsOrSleeps() throws Exception {
        EventLoop loop = loop(SHORT_MICROS);
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(loop), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        context.writeAndFlush(message);
                    }
                });
                Socket client = tcp.connect()) {
            client.setSoTimeout((int) LIMIT.toMillis());
            client.setTcpNoDelay(true);
            for (int i = 0; i < TASKS; i++) {
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i & 0xff);
                TimeUnit.MICROSECONDS.sleep(i * 2L * SHORT_MICROS / TASKS);
            }
        }
    }

    @Test
    void oneThatHasNothingToDoSleeps() {
        EventLoop loop = loop(SHORT_MICROS);
        loop.execute(() -> {});
        UringMetrics metrics = UringMetrics.of(loop);
        await().atMost(LIMIT).until(() -> {
            long turns = metrics.turns();
            TimeUnit.MILLISECONDS.sleep(200);
            return metrics.turns() == turns;
        });
    }
}
