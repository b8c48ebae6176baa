// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A connection on the loopback interface whose peer reads only when it is told to. */
final class UnreadConnection implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int LIMIT_MILLIS = 20_000;

    final int fd = Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_STREAM | SocketAbi.SOCK_CLOEXEC, 0);
    final Socket peer;

    UnreadConnection(OpenRing open) throws IOException {
        try (ServerSocket server = new ServerSocket();
                MappedMemory address = MappedMemory.anonymous(SocketAbi.SOCKADDR_IN_SIZE, true)) {
            server.bind(new InetSocketAddress("127.0.0.1", 0), 1);
            ByteBuffer memory = address.buffer();
            memory.putShort(0, (short) SocketAbi.AF_INET);
            memory.put(SocketAbi.SOCKADDR_IN_PORT, (byte) (server.getLocalPort() >>> Byte.SIZE));
            memory.put(SocketAbi.SOCKADDR_IN_PORT + 1, (byte) server.getLocalPort());
            memory.put(SocketAbi.SOCKADDR_IN_ADDR, LOOPBACK);
            RecordedOperation connect = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_CONNECT, fd)
                            .addr(address.address())
                            .off(SocketAbi.SOCKADDR_IN_SIZE))
                    .submitTo(open.ring);
            open.finish();
            if (connect.result() != 0) {
                throw new IOException("connect: " + connect.result());
            }
            peer = server.accept();
            peer.setSoTimeout(LIMIT_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        peer.close();
        Native.close(fd);
    }
}
