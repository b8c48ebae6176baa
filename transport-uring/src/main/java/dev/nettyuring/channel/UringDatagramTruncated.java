// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import java.net.SocketAddress;

/**
 * A user event: a datagram was larger than the memory it was received into. The kernel threw away what did not fit, and the
 * rest is not read: half a datagram is none. {@link UringMetrics#truncatedDatagrams()} counts them.
 *
 * <p>That happens to UDP channels that bound the size of what they receive, and to Unix domain datagrams of more than 64 KiB.
 *
 * @see UringChannelOption#MAX_DATAGRAM_PAYLOAD_SIZE
 */
public final class UringDatagramTruncated {
    private final SocketAddress sender;
    private final int length;
    private final int room;

    UringDatagramTruncated(SocketAddress sender, int length, int room) {
        this.sender = sender;
        this.length = length;
        this.room = room;
    }

    /** Who sent it; {@code null} if that is not known. */
    public SocketAddress sender() {
        return sender;
    }

    /** How many bytes it had. */
    public int length() {
        return length;
    }

    /** How many bytes there was room for. */
    public int room() {
        return room;
    }

    @Override
    public String toString() {
        return "UringDatagramTruncated(" + length + " bytes from " + sender + ", room for " + room + ')';
    }
}
