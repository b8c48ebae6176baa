// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.testsuite.OpenFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where many connections are closed together the kernel closes a few sockets a turn. */
@ExtendWith(TransportInvariants.class)
class ManyClosesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int CONNECTIONS = 400;
    /** A turn closes fewer. */
    private static final int MANY = 200;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    private final List<Channel> channels = new ArrayList<>();
    private int port;

    private interface Course {
        void run() throws Exception;
    }

    /** Every peer is to see the end, and no socket is to be left. */
    private void run(Course course) throws Exception {
        List<Socket> peers = new ArrayList<>();
        Tcp tcp =
                Tcp.serve(new ServerBootstrap().group(loops), ChannelInboundHandlerAdapter::new); // ends with its loop
        try {
            port = tcp.address().getPort();
            for (int i = 0; i < CONNECTIONS; i++) {
                peers.add(tcp.connect());
                channels.add(tcp.accepted());
            }
            course.run();
            for (Channel channel : channels) {
                assertThat(channel.closeFuture().await(LIMIT.toMillis())).isTrue();
            }
            for (Socket peer : peers) {
                assertThat(peer.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket peer : peers) {
                peer.close();
            }
            loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
        }
        await().atMost(LIMIT).until(() -> OpenFiles.socketsOfPort(port) == 0);
    }

    @Test
    void otherTasksHaveTheirTurnBetween() throws Exception {
        run(() -> {
            EventLoop loop = loops.next();
            CompletableFuture<Long> open = new CompletableFuture<>();
            loop.execute(() -> {
                channels.forEach(Channel::close);
                loop.execute(() -> open.complete(OpenFiles.socketsOfPort(port)));
            });
            assertThat(open.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("sockets that are not closed yet")
                    .isGreaterThan(MANY);
        });
    }

    @Test
    void theLoopMayEndMeanwhile() throws Exception {
        run(() -> loops.next().execute(() -> {
            channels.forEach(Channel::close);
            loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS);
        }));
    }
}
