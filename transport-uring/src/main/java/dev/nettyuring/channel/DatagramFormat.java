// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * What an address family's datagrams look like in memory, and as messages. One channel's; loop thread only. It reads what
 * surrounds a datagram first, from memory that may be used for the next one by the time that the message is made.
 */
abstract class DatagramFormat {
    /** How many bytes an address takes at most; a multiple of 8. */
    abstract int nameRoom();

    /** How many bytes the control messages of a received datagram take at most; a multiple of 8. */
    abstract int controlRoom();

    /** Takes in the addresses and control messages of a datagram. */
    abstract void read(DatagramHeader header);

    /** Hands the datagram on to the receiver, as one message or, if the kernel joined several, many. */
    abstract void deliver(ByteBuf payload, DatagramReceiver receiver);

    /** The sender of the datagram that was read; {@code null} if the kernel told none. */
    abstract SocketAddress sender();

    /** Writes an address from index 0; returns its length in bytes. */
    abstract int writeName(ByteBuffer memory, SocketAddress recipient);

    /**
     * Into how large segments the kernel is to cut the message's content: one datagram each.
     *
     * @return its length, or more, if it is one datagram
     */
    abstract int segmentSize(Object message, int length);

    /** What control messages a message needs takes at most so many bytes. */
    abstract int sentControlRoom(Object message, boolean segmented);

    /** Writes those. Returns where they end. */
    abstract int writeControl(ByteBuffer memory, int at, Object message, int segmentSize);

    /** Who is on the other side, of those that may accept or refuse segments. */
    abstract Object path(SocketAddress recipient);

    /** MSG_* flags to send with. */
    int sendFlags() {
        return SocketAbi.MSG_NOSIGNAL;
    }

    /** The exception for an operation that returned {@code -errno}. */
    abstract IOException failure(String operation, int result);
}
