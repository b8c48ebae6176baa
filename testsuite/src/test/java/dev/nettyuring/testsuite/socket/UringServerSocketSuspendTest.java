// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.ServerSocketSuspendTest;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Upstream the test is disabled; it waits for connections that a full accept queue delays, and on Linux these time out, with
 * NIO as well. What it is about is tested here without filling the queue.
 */
@ExtendWith(TransportInvariants.class)
class UringServerSocketSuspendTest extends ServerSocketSuspendTest {
    private static final int CONNECTIONS = 10;
    private static final int CONNECT_LIMIT_MILLIS = 5000;
    private static final Duration SUSPENDED = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Override
    protected List<BootstrapFactory<ServerBootstrap>> newFactories() {
        return Combinations.serverSocket();
    }

    @Test
    @Override
    public void testSuspendAndResumeAccept(TestInfo testInfo) throws Throwable {
        run(testInfo, this::testSuspendAndResumeAccept);
    }

    @Override
    public void testSuspendAndResumeAccept(ServerBootstrap bootstrap) throws Exception {
        AcceptedCounter accepted = new AcceptedCounter();
        Channel server = bootstrap
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, 2 * CONNECTIONS)
                .childHandler(accepted)
                .bind()
                .sync()
                .channel();
        List<Socket> clients = new ArrayList<>();
        try {
            connect(clients, server);
            await().during(SUSPENDED).atMost(LIMIT).until(() -> accepted.count.get() == 0);

            server.config().setAutoRead(true);
            await().atMost(LIMIT).until(() -> accepted.count.get() == CONNECTIONS);

            server.config().setAutoRead(false);
            // one ACCEPT may be under way, and its connection waits for the next read()
            server.eventLoop().submit(() -> {}).sync();
            connect(clients, server);
            await().during(SUSPENDED).atMost(LIMIT).until(() -> accepted.count.get() == CONNECTIONS);

            server.config().setAutoRead(true);
            await().atMost(LIMIT).until(() -> accepted.count.get() == 2 * CONNECTIONS);
            assertThat(accepted.count).hasValue(2 * CONNECTIONS);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
            server.close().sync();
        }
    }

    private static void connect(List<Socket> clients, Channel server) throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            Socket client = new Socket();
            clients.add(client);
            client.connect((InetSocketAddress) server.localAddress(), CONNECT_LIMIT_MILLIS);
        }
    }

    @ChannelHandler.Sharable
    private static final class AcceptedCounter extends ChannelInboundHandlerAdapter {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            count.incrementAndGet();
        }
    }
}
