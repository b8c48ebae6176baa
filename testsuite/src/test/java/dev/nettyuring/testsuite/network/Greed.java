// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A peer of a {@link Contest} that takes all that it is given. */
final class Greed implements AutoCloseable {
    /** What it wants; the first byte of a connection is the number of one. */
    enum Kind {
        /** Sends, and is sent nothing. */
        SEND,
        /** Sends requests, and does not wait for their answers. */
        PIPELINE,
        /** Is sent a file. */
        DOWNLOAD,
        /** Is sent what is in memory. */
        RECEIVE,
        /** Sends, and receives the same on another connection, which is an {@link #OUTLET}. */
        SPLICE,
        /** Wants nothing for itself. */
        OUTLET;

        byte number() {
            return (byte) ordinal();
        }
    }

    private static final int PIECE = 1 << 20;

    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong moved = new AtomicLong();

    Greed(Kind kind, SocketAddress address) throws IOException {
        SocketChannel socket = connect(kind, address);
        if (kind == Kind.SEND || kind == Kind.PIPELINE || kind == Kind.SPLICE) {
            start(socket::write);
        }
        if (kind != Kind.SEND) {
            start((kind == Kind.SPLICE ? connect(Kind.OUTLET, address) : socket)::read);
        }
    }

    private SocketChannel connect(Kind kind, SocketAddress address) throws IOException {
        SocketChannel socket = SocketChannel.open(address);
        sockets.add(socket);
        socket.write(ByteBuffer.wrap(new byte[] {kind.number()}));
        return socket;
    }

    /** Moves bytes to or from a buffer, and returns how many. */
    private interface Move {
        int apply(ByteBuffer bytes) throws IOException;
    }

    private void start(Move move) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(PIECE);
        Thread thread = new Thread(
                () -> {
                    try {
                        for (int count = 0; count >= 0; count = move.apply(bytes.clear())) {
                            moved.addAndGet(count);
                        }
                    } catch (IOException closed) {
                        // as it is in the end
                    }
                },
                "greedy");
        thread.start();
        threads.add(thread);
    }

    /** How many bytes it has sent and received. Any thread. */
    long moved() {
        return moved.get();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
