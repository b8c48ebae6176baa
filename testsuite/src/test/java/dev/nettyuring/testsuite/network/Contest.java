// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.testsuite.StandingLoop;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Many connections that send a byte each and wait for it to come back, and a greedy one beside them, on one event loop. All are
 * ready at once: the loop stands still until they are. What counts is how much the greedy one is served from then on, until nearly
 * all of the others have their bytes.
 */
final class Contest implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Whoever can go on does in that time, on a machine with nothing else to do; else the contest is an easier one. */
    private static final long STILL_MILLIS = 50;

    private final EventLoop loop;
    private final ContestHandler handler;
    private final Channel server;
    private final List<SocketChannel> modest = new ArrayList<>();

    Contest(EventLoop loop, int connections, File file) throws Exception {
        this.loop = loop;
        handler = new ContestHandler(file);
        server = new ServerBootstrap()
                .group(loop)
                .channel(UringServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, connections)
                .childHandler(handler)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        for (int i = 0; i < connections; i++) {
            modest.add(SocketChannel.open(server.localAddress()));
        }
    }

    SocketAddress address() {
        return server.localAddress();
    }

    /** How many bytes the greedy one was served before 99 in 100 of the others had theirs. */
    long round(Greed greed) throws Exception {
        try (StandingLoop standing = new StandingLoop(loop)) {
            loop.execute(() -> handler.begin(modest.size() * 99 / 100));
            sendAll();
            await().pollInSameThread().pollDelay(Duration.ZERO).atMost(LIMIT).until(() -> isStill(greed));
        }
        receiveAll();
        return loop.submit(handler::served).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static boolean isStill(Greed greed) throws InterruptedException {
        long moved = greed.moved();
        Thread.sleep(STILL_MILLIS);
        return moved == greed.moved();
    }

    private void sendAll() throws IOException {
        ByteBuffer octet = ByteBuffer.allocateDirect(1);
        for (SocketChannel peer : modest) {
            peer.write(octet.put(0, ContestHandler.MODEST).clear());
        }
    }

    private void receiveAll() throws IOException {
        ByteBuffer octet = ByteBuffer.allocateDirect(1);
        for (SocketChannel peer : modest) {
            assertThat(peer.read(octet.clear())).isEqualTo(1);
        }
    }

    @Override
    public void close() throws Exception {
        for (SocketChannel peer : modest) {
            peer.close();
        }
        server.close().sync();
    }
}
