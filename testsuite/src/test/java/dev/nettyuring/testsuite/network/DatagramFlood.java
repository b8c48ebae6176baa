// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;

/** A peer of a {@link Contest} that sends datagrams for as long as it is there, whether or not there is room for them. */
final class DatagramFlood implements AutoCloseable {
    private static final int BYTES = 8 << 10;

    private final DatagramChannel socket;
    private final Thread thread;

    DatagramFlood(SocketAddress target) throws IOException {
        socket = DatagramChannel.open().connect(target);
        thread = new Thread(this::flood, "flood");
        thread.start();
    }

    private void flood() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);
        try {
            while (true) {
                socket.write(bytes.clear());
            }
        } catch (ClosedChannelException closed) {
            // as it is in the end
        } catch (IOException e) {
            throw new IllegalStateException("the flood dries up", e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        socket.close();
        thread.join();
    }
}
