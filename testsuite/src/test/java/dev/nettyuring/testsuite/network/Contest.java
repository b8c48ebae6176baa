// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.testsuite.StandingLoop;
import io.netty.bootstrap.Bootstrap;
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
import java.util.function.LongSupplier;

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
    /** {@code null} unless they are asked for. */
    private Channel datagrams;

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

    /** The address of a socket beside theirs, on the same loop, that takes datagrams. */
    SocketAddress bindDatagrams() throws InterruptedException {
        datagrams = new Bootstrap()
                .group(loop)
                .channel(UringDatagramChannel.class)
                .handler(handler.datagramSink())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        return datagrams.localAddress();
    }

    /** How many datagrams it has taken. */
    long datagrams() {
        return handler.datagrams();
    }

    /**
     * How many bytes the greedy one was served before 99 in 100 of the others had theirs.
     *
     * @param moved what grows while the greedy one can go on
     */
    long round(LongSupplier moved) throws Exception {
        try (StandingLoop standing = new StandingLoop(loop)) {
            loop.execute(() -> handler.begin(modest.size() * 99 / 100));
            sendAll();
            await().pollInSameThread().pollDelay(Duration.ZERO).atMost(LIMIT).until(() -> isStill(moved));
        }
        receiveAll();
        return loop.submit(handler::served).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static boolean isStill(LongSupplier moved) throws InterruptedException {
        long before = moved.getAsLong();
        Thread.sleep(STILL_MILLIS);
        return before == moved.getAsLong();
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
        if (datagrams != null) {
            datagrams.close().sync();
        }
    }
}
