// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;

/**
 * A datagram, or several as one, with the traffic class of its packets: DSCP and ECN, the second byte of an IPv4 header or
 * IPv6's traffic class. A {@link UringDatagramChannel} reads these when {@link UringChannelOption#IP_RECVTOS} is on, and
 * sends them with the traffic class that they have, whatever {@link io.netty.channel.ChannelOption#IP_TOS} says.
 */
public final class UringDatagramPacket extends SegmentedDatagramPacket {
    private static final int MAX_TRAFFIC_CLASS = 0xff;
    private static final int ECN_MASK = 3;

    private final int trafficClass;

    /**
     * One datagram.
     *
     * @param trafficClass 0 to 255
     */
    public UringDatagramPacket(ByteBuf data, int trafficClass, InetSocketAddress recipient) {
        this(data, trafficClass, Math.max(1, data.readableBytes()), recipient, null);
    }

    /**
     * As many datagrams as there are segments.
     *
     * @param trafficClass 0 to 255
     * @param segmentSize bytes of each but the last, which may be shorter; 1 or more
     * @param sender {@code null} for one to be sent
     */
    public UringDatagramPacket(
            ByteBuf data, int trafficClass, int segmentSize, InetSocketAddress recipient, InetSocketAddress sender) {
        super(data, segmentSize, recipient, sender);
        if (trafficClass < 0 || trafficClass > MAX_TRAFFIC_CLASS) {
            throw new IllegalArgumentException("trafficClass: " + trafficClass + " (expected: 0 to 255)");
        }
        this.trafficClass = trafficClass;
    }

    /** The whole byte, 0 to 255. */
    public int trafficClass() {
        return trafficClass;
    }

    /** Explicit congestion notification (RFC 3168): 0 not capable, 1 ECT(1), 2 ECT(0), 3 congestion was experienced. */
    public int ecn() {
        return trafficClass & ECN_MASK;
    }

    @Override
    public UringDatagramPacket copy() {
        return replace(content().copy());
    }

    @Override
    public UringDatagramPacket duplicate() {
        return replace(content().duplicate());
    }

    @Override
    public UringDatagramPacket retainedDuplicate() {
        return replace(content().retainedDuplicate());
    }

    @Override
    public UringDatagramPacket replace(ByteBuf content) {
        return new UringDatagramPacket(content, trafficClass, segmentSize(), recipient(), sender());
    }

    @Override
    public UringDatagramPacket retain() {
        super.retain();
        return this;
    }

    @Override
    public UringDatagramPacket retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public UringDatagramPacket touch() {
        super.touch();
        return this;
    }

    @Override
    public UringDatagramPacket touch(Object hint) {
        super.touch(hint);
        return this;
    }
}
