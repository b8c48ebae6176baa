// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.testsuite.Commands;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** More connect than the queue of connections that wait to be accepted has room for. */
@ExtendWith(TransportInvariants.class)
class AcceptQueueTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BACKLOG = 8;
    private static final int CLIENTS = 40;

    private final Queue<Integer> served = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();

    private final class Number extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf number) {
            served.add((int) number.readByte());
        }
    }

    @Test
    void afterTheQueueOverflowedAllConnectionsAreAcceptedOnce() throws Exception {
        Channel server = new ServerBootstrap()
                .group(TransportInvariants.loops().uring())
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.incrementAndGet();
                        channel.pipeline().addLast(new Number());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        List<SocketChannel> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                SocketChannel client = SocketChannel.open();
                clients.add(client);
                client.configureBlocking(false);
                client.connect(server.localAddress());
            }
            await().pollInSameThread().atMost(LIMIT).until(() -> waiting(server) > BACKLOG); // Linux takes one more
            assertThat(isAnyConnecting(clients)).isTrue();
            assertThat(accepted).hasValue(0);
            server.config().setAutoRead(true);
            for (int i = 0; i < CLIENTS; i++) {
                SocketChannel client = clients.get(i);
                await().pollInSameThread().atMost(LIMIT).until(client::finishConnect);
                assertThat(client.write(ByteBuffer.wrap(new byte[] {(byte) i}))).isEqualTo(1);
            }
            await().atMost(LIMIT).until(() -> served.size() == CLIENTS);
            assertThat(served)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, CLIENTS).boxed().collect(Collectors.toList()));
            assertThat(accepted).hasValue(CLIENTS);
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
            server.close().sync();
        }
    }

    private static boolean isAnyConnecting(List<SocketChannel> clients) throws IOException {
        boolean any = false;
        for (SocketChannel client : clients) {
            any |= !client.finishConnect();
        }
        return any;
    }

    /** How many connections are complete, and wait to be accepted. */
    private static int waiting(Channel server) throws Exception {
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        String line = Commands.run("ss", "-ltnH", "sport", "=", ":" + port).trim();
        return Integer.parseInt(line.split("\\s+")[1]);
    }
}
