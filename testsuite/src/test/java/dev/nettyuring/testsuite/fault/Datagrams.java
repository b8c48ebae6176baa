// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDatagramTruncated;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Datagrams between a few sockets. Each says what it is: who sent it to whom, its number and its length; what follows is the
 * number's. What arrives is one of those, whole, for the first time, and none that was not sent. Some may be lost, but not all.
 */
final class Datagrams implements Piece {
    private static final int MAX_SOCKETS = 4;
    private static final int MAX_MESSAGES = 80;
    private static final int HEADER = 4 * Integer.BYTES;
    private static final int MAX_LENGTH = 65_507;
    private static final int MAX_LENGTH_BITS = 16;
    private static final int MAX_SEGMENTS = 40;
    private static final int SMALL_ROOM = 4096;

    private final Site site;
    private final Random random;
    private final boolean ipv6;
    private final boolean joins;
    private final boolean small;
    private final boolean closesEarly;
    private final List<Socket> sockets = new ArrayList<>();
    /** Numbers whose promise failed before anything was sent. */
    private final Map<Integer, Throwable> refused = new ConcurrentHashMap<>();

    Datagrams(Site site, Random random) {
        this.site = site;
        this.random = random;
        ipv6 = random.nextInt(3) == 0;
        joins = random.nextBoolean();
        small = random.nextInt(3) == 0;
        closesEarly = random.nextInt(4) == 0;
    }

    @Override
    public void begin() throws Exception {
        int count = 2 + random.nextInt(MAX_SOCKETS - 1);
        for (int i = 0; i < count; i++) {
            sockets.add(new Socket(i, new Random(random.nextLong())));
        }
        SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
        for (Socket socket : sockets) {
            Bootstrap bootstrap = new Bootstrap()
                    .group(site.loops)
                    .channelFactory(() -> new UringDatagramChannel(family))
                    .option(UringChannelOption.UDP_GRO, joins)
                    .option(UringChannelOption.UDP_GRO_SEGMENTED, random.nextBoolean())
                    .option(ChannelOption.SO_RCVBUF, 1 << 20)
                    .handler(socket);
            if (small) {
                bootstrap.option(UringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, SMALL_ROOM);
            }
            if (random.nextInt(3) == 0) {
                bootstrap.option(ChannelOption.SO_SNDBUF, 1 << 16);
            }
            socket.channel = (UringDatagramChannel) bootstrap
                    .bind(ipv6 ? NetUtil.LOCALHOST6 : NetUtil.LOCALHOST4, 0)
                    .sync()
                    .channel();
        }
    }

    @Override
    public void start() {
        sockets.forEach(socket -> site.soon(socket.random, () -> socket.send(socket.random.nextInt(MAX_MESSAGES))));
    }

    @Override
    public boolean isOver() {
        if (sockets.stream().allMatch(Socket::isDone)) {
            sockets.forEach(socket -> socket.channel.close());
        }
        return sockets.stream().noneMatch(socket -> socket.channel.isOpen());
    }

    @Override
    public void check(List<String> wrong) {
        sockets.forEach(socket -> {
            if (socket.failure != null) {
                site.failed(this, socket.failure);
            }
        });
    }

    @Override
    public String toString() {
        return sockets.size() + (ipv6 ? " IPv6" : " IPv4") + " datagram sockets" + (joins ? ", joining" : "")
                + (small ? ", small buffers" : "")
                + sockets.stream()
                        .filter(socket -> socket.channel != null && socket.channel.isOpen())
                        .toList();
    }

    private final class Socket extends ChannelInboundHandlerAdapter {
        private final int index;
        private final Random random;
        private final Map<Integer, BitSet> arrived = new ConcurrentHashMap<>();
        private volatile int numbers;
        private UringDatagramChannel channel;
        private volatile boolean allSent;
        private volatile Throwable failure;

        Socket(int index, Random random) {
            this.index = index;
            this.random = random;
        }

        private boolean isDone() {
            return !channel.isOpen()
                    || (allSent
                            && sockets.stream()
                                    .allMatch(other -> other == this
                                            || !other.channel.isOpen()
                                            || arrived.containsKey(other.index)));
        }

        /** Sends that many, and then goes on until everybody has heard of everybody. */
        private void send(int messages) {
            int left = messages;
            for (int burst = 1 + random.nextInt(20); burst > 0; burst--) {
                Socket to = sockets.get(random.nextInt(sockets.size()));
                if (to != this) {
                    write(to, left > 0);
                }
                left = Math.max(0, left - 1);
            }
            channel.flush();
            allSent = left == 0;
            if (closesEarly && random.nextInt(20) == 0) {
                channel.close();
            }
            if (channel.isOpen()) {
                int rest = left;
                site.soon(random, random.nextBoolean() ? site.others : channel.eventLoop(), () -> send(rest));
            }
        }

        private void write(Socket to, boolean anySize) {
            int segment = anySize
                    ? Math.min(MAX_LENGTH, HEADER + random.nextInt(1 << random.nextInt(MAX_LENGTH_BITS)))
                    : HEADER;
            boolean segmented = anySize && random.nextInt(3) == 0;
            int segments = segmented ? 1 + random.nextInt(Math.min(MAX_SEGMENTS, MAX_LENGTH / segment)) : 1;
            int first = numbers;
            ByteBuf content = memory(segment * segments);
            for (int i = 0; i < segments; i++) {
                fill(content, to.index, segment);
            }
            DatagramPacket packet = segmented
                    ? new SegmentedDatagramPacket(content, segment, to.channel.localAddress())
                    : new DatagramPacket(content, to.channel.localAddress());
            site.asked("datagram", channel.write(packet)).addListener(done -> {
                if (!done.isSuccess()) {
                    if (!channel.isOpen()) {
                        return;
                    }
                    failure = done.cause();
                    if (segments == 1) {
                        refused.put(key(index, first), done.cause());
                    }
                }
            });
        }

        private ByteBuf memory(int length) {
            switch (random.nextInt(4)) {
                case 0:
                    return Unpooled.buffer(length);
                case 1:
                    return channel.alloc().directBuffer(length);
                default:
                    return new ScribbledBuffer(length);
            }
        }

        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one task at a time writes it
        private void fill(ByteBuf content, int to, int length) {
            int number = numbers++;
            content.writeInt(index).writeInt(to).writeInt(number).writeInt(length);
            for (int i = HEADER; i < length; i++) {
                content.writeByte(number * 31 + i * 7);
            }
        }

        private int key(int from, int number) {
            return number * MAX_SOCKETS + from;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            ByteBuf content = packet.content();
            int segment = packet instanceof SegmentedDatagramPacket
                    ? ((SegmentedDatagramPacket) packet).segmentSize()
                    : content.readableBytes();
            if (random.nextInt(6) == 0) {
                site.soon(random, () -> take(packet, segment));
            } else {
                take(packet, segment);
            }
            if (random.nextInt(20) == 0) {
                context.channel().config().setAutoRead(false);
                site.soon(random, () -> context.channel().config().setAutoRead(true));
            }
        }

        private void take(DatagramPacket packet, int segment) {
            ByteBuf content = packet.content();
            do {
                int length = Math.min(segment, content.readableBytes());
                String fault = fault(packet, content.readSlice(length));
                if (fault != null) {
                    site.fault("a datagram that socket " + index + " read, of " + length + " bytes: " + fault);
                }
            } while (content.isReadable());
            packet.release();
        }

        private String fault(DatagramPacket packet, ByteBuf content) {
            if (content.readableBytes() < HEADER) {
                return "nobody sent it";
            }
            int from = content.getInt(0);
            int number = content.getInt(2 * Integer.BYTES);
            if (from < 0 || from >= sockets.size() || number < 0 || number >= sockets.get(from).numbers) {
                return "from " + from + ", number " + number + ", which was not sent";
            }
            Socket sender = sockets.get(from);
            if (content.getInt(Integer.BYTES) != index
                    || !sender.channel.localAddress().equals(packet.sender())) {
                return "for " + content.getInt(Integer.BYTES) + ", from " + packet.sender();
            }
            if (content.getInt(3 * Integer.BYTES) != content.readableBytes()) {
                return "sent with " + content.getInt(3 * Integer.BYTES) + " bytes";
            }
            for (int i = HEADER; i < content.readableBytes(); i++) {
                if (content.getByte(i) != (byte) (number * 31 + i * 7)) {
                    return "byte " + i + " of number " + number + " is " + content.getByte(i);
                }
            }
            BitSet numbersOfHis = arrived.computeIfAbsent(from, none -> new BitSet());
            synchronized (numbersOfHis) {
                if (numbersOfHis.get(number)) {
                    return "number " + number + " came before";
                }
                numbersOfHis.set(number);
            }
            Throwable refusal = refused.get(key(from, number));
            return refusal == null ? null : "number " + number + " came, and its promise failed with " + refusal;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof UringDatagramTruncated && !small) {
                site.fault(event + ", with room for any");
            }
        }

        /** Receiving failed, and goes on. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failure = cause;
        }

        @Override
        public String toString() {
            return "[" + index + ": " + channel + ", " + numbers + " sent, heard of " + arrived.keySet()
                    + (allSent ? ", all sent" : "") + (channel.config().isAutoRead() ? "" : ", auto-read off") + ']';
        }
    }
}
