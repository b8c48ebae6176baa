// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.buffer.Slab;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two peers of one event loop send bytes of their own value each, in pieces of all lengths and by turns, so that their bytes lie
 * side by side and follow each other in the same memory. Whatever a handler looks at in a piece, past its end as well, it sees
 * none of the other's.
 */
@ExtendWith(TransportInvariants.class)
class StaleBytesTest {
    private static final int LIMIT_SECONDS = 20;
    private static final int ROUNDS = 300;
    private static final int MOST_BYTES = 2000;
    /** Unless there is so little memory that whoever keeps some gets no more. */
    private static final int KEPT = Long.getLong("dev.nettyuring.receiveMemoryLimit", 1 << 20) < 1 << 20 ? 0 : 3;

    private static final byte[] PEERS = {0x2B, 0x4D};
    private static final byte MINE = 0x7F;

    private final Random random = new Random(7);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Semaphore seen = new Semaphore(0);

    /** Whether the transport hands out memory that the kernel chose, rather than an allocator's, which may hold anything. */
    private static boolean isProvided() {
        return Uring.features().contains(Feature.PBUF_RING)
                && !"ALLOCATE".equals(System.getProperty("dev.nettyuring.exhaustion"));
    }

    /** Looks at all that it can, keeps the last pieces, and lets go of those before. */
    private final class Looker extends ChannelInboundHandlerAdapter {
        private final Deque<Object> kept = new ArrayDeque<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            kept.addLast(message);
            ByteBuf piece = message instanceof ByteBufHolder ? ((ByteBufHolder) message).content() : (ByteBuf) message;
            int bytes = piece.readableBytes();
            try {
                look(piece);
            } catch (Throwable cause) {
                failure.compareAndSet(null, cause);
            }
            if (kept.size() > KEPT) {
                ReferenceCountUtil.release(kept.pollFirst());
            }
            seen.release(bytes);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            kept.forEach(ReferenceCountUtil::release);
        }
    }

    private static void look(ByteBuf piece) {
        byte peer = piece.getByte(piece.readerIndex());
        assertOnly(peer, ByteBufUtil.getBytes(piece));
        if (!isProvided()) {
            return; // behind the bytes there may be more of the allocator's memory
        }
        assertThat(piece.capacity()).isEqualTo(piece.writerIndex());
        assertOnly(peer, all(piece.nioBuffer()));
        for (ByteBuffer part : piece.nioBuffers()) {
            assertOnly(peer, all(part));
        }
        if (Slab.at(Native.directBufferAddress(piece.nioBuffer())) != null) {
            assertOnly(peer, all(piece.internalNioBuffer(0, 1)));
        }
    }

    /** As far as its limit can be moved. */
    private static byte[] all(ByteBuffer view) {
        ByteBuffer copy = view.duplicate().clear();
        byte[] bytes = new byte[copy.remaining()];
        copy.get(bytes);
        return bytes;
    }

    private static void assertOnly(byte peer, byte[] bytes) {
        Set<Byte> values = new TreeSet<>();
        for (byte value : bytes) {
            values.add(value);
        }
        assertThat(values).containsExactly(peer);
    }

    private byte[] message(int round) {
        byte[] bytes = new byte[1 + random.nextInt(MOST_BYTES)];
        Arrays.fill(bytes, PEERS[round % PEERS.length]);
        return bytes;
    }

    private void awaitSeen(int bytes) throws InterruptedException {
        boolean all = seen.tryAcquire(bytes, LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(failure).hasValue(null);
        assertThat(all).as("all arrived").isTrue();
    }

    @Test
    void ofOtherConnections() throws Exception {
        ServerBootstrap oneLoop = new ServerBootstrap().group(Tcp.loops().next());
        try (Tcp tcp = Tcp.serve(oneLoop, Looker::new);
                Socket one = tcp.connect();
                Socket other = tcp.connect()) {
            OutputStream[] out = {one.getOutputStream(), other.getOutputStream()};
            for (int round = 0; round < ROUNDS; round++) {
                byte[] bytes = message(round);
                out[round % PEERS.length].write(bytes);
                if (random.nextBoolean()) { // else the two arrive together
                    awaitSeen(bytes.length);
                } else {
                    byte[] more = message(round + 1);
                    out[(round + 1) % PEERS.length].write(more);
                    awaitSeen(bytes.length + more.length);
                }
            }
        }
    }

    @Test
    void ofOtherSendersOfDatagrams() throws Exception {
        DatagramChannel channel = Udp.bind(new Looker());
        try (DatagramSocket one = new DatagramSocket();
                DatagramSocket other = new DatagramSocket()) {
            DatagramSocket[] senders = {one, other};
            for (int round = 0; round < ROUNDS; round++) {
                byte[] bytes = message(round);
                senders[round % PEERS.length].send(new DatagramPacket(bytes, bytes.length, channel.localAddress()));
                awaitSeen(bytes.length);
            }
        } finally {
            channel.close().sync();
        }
    }

    @Test
    void ofThePipelinesReadsInABufferOfTheUsers() throws Exception {
        ServerBootstrap unread =
                new ServerBootstrap().group(Tcp.loops().next()).childOption(ChannelOption.AUTO_READ, false);
        try (Tcp tcp = Tcp.serve(unread, ChannelInboundHandlerAdapter::new);
                Socket one = tcp.connect()) {
            UringSocketChannel channel = (UringSocketChannel) tcp.accepted();
            ByteBuf mine = Unpooled.directBuffer(2 * MOST_BYTES, 2 * MOST_BYTES);
            for (int round = 0; round < 20; round++) {
                mine.clear();
                for (int i = 0; i < mine.capacity(); i++) {
                    mine.setByte(i, MINE);
                }
                byte[] bytes = message(0);
                one.getOutputStream().write(bytes);
                for (int got = 0; got < bytes.length; got = mine.writerIndex()) {
                    assertThat(channel.readInto(mine).await(LIMIT_SECONDS, TimeUnit.SECONDS))
                            .isTrue();
                }
                assertOnly(PEERS[0], ByteBufUtil.getBytes(mine));
                assertOnly(MINE, ByteBufUtil.getBytes(mine, mine.writerIndex(), mine.writableBytes()));
            }
            channel.close().sync();
            mine.release();
        }
    }
}
