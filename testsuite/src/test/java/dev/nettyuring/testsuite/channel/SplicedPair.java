// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** A sender's connection, {@link #source}, and a receiver's, {@link #target}, to splice from one to the other. */
final class SplicedPair implements AutoCloseable {
    static final int LIMIT_SECONDS = 20;

    /** Where the two channels are. */
    enum Placing {
        ONE_LOOP,
        TWO_LOOPS
    }

    final Socket sender;
    final UringSocketChannel source;
    final Collector atSource = new Collector();
    final Socket receiver;
    final UringSocketChannel target;
    final Collector atTarget = new Collector();
    private final DataInputStream in;

    SplicedPair(Placing placing) throws Exception {
        this(Tcp.loops().next(), placing);
    }

    private SplicedPair(EventLoop loop, Placing placing) throws Exception {
        this(loop, placing == Placing.ONE_LOOP ? loop : Tcp.loops().next());
    }

    SplicedPair(EventLoop first, EventLoop second) throws Exception {
        try (Tcp tcp = serve(first, atSource)) {
            sender = tcp.connect();
            source = (UringSocketChannel) tcp.accepted();
        }
        try (Tcp tcp = serve(second, atTarget)) {
            receiver = tcp.connect();
            target = (UringSocketChannel) tcp.accepted();
        }
        in = new DataInputStream(receiver.getInputStream());
        begun(); // so that both are active by now
    }

    private static Tcp serve(EventLoop loop, Collector collector) throws InterruptedException {
        return Tcp.serve(new ServerBootstrap().group(Tcp.loops(), loop), () -> collector);
    }

    static <F extends Future<?>> F await(F future) throws InterruptedException {
        assertThat(future.await(LIMIT_SECONDS, TimeUnit.SECONDS)).as("done").isTrue();
        return future;
    }

    /** Splices, and returns when the pipeline gets nothing more. */
    SpliceFuture splice(long length) throws InterruptedException {
        SpliceFuture spliced = source.spliceTo(target, length);
        begun();
        return spliced;
    }

    /** Both loops know of what they were told before. */
    void begun() throws InterruptedException {
        await(source.eventLoop().submit(() -> {}));
        await(target.eventLoop().submit(() -> {}));
    }

    /** Without waiting for whoever takes them. */
    Background send(byte[] bytes) {
        return Background.run(() -> sender.getOutputStream().write(bytes));
    }

    /** The next bytes that arrive at the receiver. */
    byte[] receive(int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }

    /** All that arrives until the end. */
    byte[] receiveAll() throws IOException {
        return in.readAllBytes();
    }

    @Override
    public void close() throws Exception {
        sender.close();
        receiver.close();
        await(source.close());
        await(target.close());
    }
}
