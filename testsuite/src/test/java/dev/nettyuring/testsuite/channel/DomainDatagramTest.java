// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDomainDatagramChannel;
import dev.nettyuring.testsuite.SocketFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class DomainDatagramTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);

    /** Keeps the number in each datagram. */
    private static class Numbers extends SimpleChannelInboundHandler<DomainDatagramPacket> {
        final List<Integer> read = new CopyOnWriteArrayList<>();

        @Override
        protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
            read.add(packet.content().readInt());
        }
    }

    private static Bootstrap channel(ChannelHandler handler) {
        return new Bootstrap()
                .group(Tcp.loops())
                .channel(UringDomainDatagramChannel.class)
                .handler(handler);
    }

    private static UringDomainDatagramChannel bound(ChannelHandler handler) throws InterruptedException {
        return (UringDomainDatagramChannel)
                channel(handler).bind(SocketFiles.newAddress()).sync().channel();
    }

    private static UringDomainDatagramChannel connected(UringDomainDatagramChannel peer) throws InterruptedException {
        return (UringDomainDatagramChannel) channel(new ChannelInboundHandlerAdapter())
                .connect(peer.localAddress())
                .sync()
                .channel();
    }

    private static ByteBuf number(int number) {
        return Unpooled.directBuffer(Integer.BYTES).writeInt(number);
    }

    @Test
    void datagramsThatWaitForTheReceiverKeepTheirOrder() throws Exception {
        Numbers numbers = new Numbers();
        UringDomainDatagramChannel receiver = (UringDomainDatagramChannel) channel(numbers)
                .option(ChannelOption.AUTO_READ, false)
                .bind(SocketFiles.newAddress())
                .sync()
                .channel();
        UringDomainDatagramChannel sender = bound(new ChannelInboundHandlerAdapter());
        int count = 1000; // the kernel queues ten or so
        for (int i = 0; i < count; i++) {
            sender.write(new DomainDatagramPacket(number(i), receiver.localAddress()));
        }
        ChannelFuture last =
                sender.writeAndFlush(new DefaultAddressedEnvelope<>(number(count), receiver.localAddress()));
        assertThat(last.await(100)).isFalse();
        receiver.config().setAutoRead(true);
        last.sync();
        await().atMost(LIMIT).until(() -> numbers.read.size() > count);
        assertThat(numbers.read)
                .isEqualTo(IntStream.rangeClosed(0, count).boxed().collect(Collectors.toList()));
        sender.close().sync();
        receiver.close().sync();
    }

    @Test
    void aSendThatWaitsEndsWithItsChannel() throws Exception {
        UringDomainDatagramChannel receiver = (UringDomainDatagramChannel) channel(new Numbers())
                .option(ChannelOption.AUTO_READ, false)
                .bind(SocketFiles.newAddress())
                .sync()
                .channel();
        UringDomainDatagramChannel sender = (UringDomainDatagramChannel) channel(new ChannelInboundHandlerAdapter())
                .connect(receiver.localAddress())
                .sync()
                .channel();
        ChannelFuture last = null;
        for (int i = 0; i < 1000; i++) {
            last = sender.writeAndFlush(number(i));
        }
        sender.close().sync();
        assertThat(last.await().isSuccess()).isFalse();
        receiver.close().sync();
    }

    @Test
    void emptyBuffersDoNotKeepWhatIsBehindThem() throws Exception {
        Numbers numbers = new Numbers();
        UringDomainDatagramChannel receiver = bound(numbers);
        UringDomainDatagramChannel sender = connected(receiver);
        sender.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 3; i++) {
                        sender.write(Unpooled.EMPTY_BUFFER);
                        sender.write(number(i));
                    }
                    sender.flush();
                })
                .sync();
        await().atMost(LIMIT).until(() -> numbers.read.equals(List.of(0, 1, 2)));
        sender.close().sync();
        receiver.close().sync();
    }

    /** Makes the queue of the sender's peer so full that messages wait. */
    private static void fillQueueOfPeer(UringDomainDatagramChannel sender) {
        int sent = 0;
        while (sender.writeAndFlush(number(sent)).isSuccess()) {
            sent++;
        }
        assertThat(sent).as("datagrams that wait for the peer to read").isPositive();
    }

    /** Somebody moves its reader index while it waits for room. */
    @Test
    void aMessageThatCannotBeSentAfterItWaitedFailsAndThoseBehindItGo() throws Exception {
        Numbers numbers = new Numbers();
        UringDomainDatagramChannel receiver = (UringDomainDatagramChannel) channel(numbers)
                .option(ChannelOption.AUTO_READ, false)
                .bind(SocketFiles.newAddress())
                .sync()
                .channel();
        UringDomainDatagramChannel filler = connected(receiver);
        filler.eventLoop().submit(() -> fillQueueOfPeer(filler)).sync();
        UringDomainDatagramChannel sender = connected(receiver);
        ByteBuf inPieces =
                Unpooled.compositeBuffer().addComponent(true, number(1)).addComponent(true, number(2));
        ChannelFuture waiting = sender.eventLoop()
                .submit(() -> {
                    ChannelFuture future = sender.writeAndFlush(inPieces);
                    inPieces.skipBytes(Integer.BYTES);
                    return future;
                })
                .get();
        ChannelFuture behind = sender.writeAndFlush(number(-1));
        assertThat(waiting.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.cause()).isInstanceOf(IndexOutOfBoundsException.class);
        receiver.config().setAutoRead(true);
        assertThat(behind.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(LIMIT).until(() -> numbers.read.contains(-1));
        filler.close().sync();
        sender.close().sync();
        receiver.close().sync();
    }

    @Test
    void itsFileGoesWithIt() throws Exception {
        UringDomainDatagramChannel channel = bound(new Numbers());
        Path file = Path.of(channel.localAddress().path());
        assertThat(file).exists();
        channel.close().sync();
        assertThat(file).doesNotExist();
    }

    @Test
    void aPathWhereNothingIsFailsAsWithNetty() throws Exception {
        DomainSocketAddress nowhere = SocketFiles.newAddress();
        ChannelFuture connected = channel(new Numbers()).connect(nowhere).await();
        assertThat(connected.cause())
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(nowhere.path())
                .hasMessageContaining("ENOENT");
        UringDomainDatagramChannel channel = bound(new Numbers());
        ChannelFuture written = channel.writeAndFlush(new DomainDatagramPacket(number(1), nowhere))
                .await();
        assertThat(written.cause()).isInstanceOf(FileNotFoundException.class).hasMessageContaining("ENOENT");
        assertThat(channel.isActive()).isTrue();
        channel.close().sync();
    }

    /** Keeps the numbers, and how often its channel became active. */
    private static final class Activations extends Numbers {
        final AtomicInteger count = new AtomicInteger();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            count.incrementAndGet();
            context.fireChannelActive();
        }
    }

    @Test
    void aChannelThatBoundButCouldNotConnectBecomesActiveAndReadsWhenItDoes() throws Exception {
        Activations activations = new Activations();
        UringDomainDatagramChannel channel = (UringDomainDatagramChannel)
                channel(activations).register().sync().channel();
        ChannelFuture failed = channel.connect(SocketFiles.newAddress(), SocketFiles.newAddress())
                .await();
        assertThat(failed.cause()).isInstanceOf(FileNotFoundException.class);
        assertThat(channel.isActive()).isFalse();
        UringDomainDatagramChannel peer = bound(new ChannelInboundHandlerAdapter());
        channel.connect(peer.localAddress()).sync();
        peer.writeAndFlush(new DomainDatagramPacket(number(1), channel.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> activations.read.equals(List.of(1)));
        assertThat(activations.count).hasValue(1);
        channel.close().sync();
        peer.close().sync();
    }

    @Test
    void aPeerThatIsGoneFailsTheWriteAndNotTheChannel() throws Exception {
        UringDomainDatagramChannel peer = bound(new Numbers());
        UringDomainDatagramChannel channel = (UringDomainDatagramChannel)
                channel(new Numbers()).connect(peer.localAddress()).sync().channel();
        assertThat(channel.isConnected()).isTrue();
        assertThat(channel.remoteAddress()).isEqualTo(peer.localAddress());
        peer.close().sync();
        ChannelFuture written = channel.writeAndFlush(number(1)).await();
        assertThat(written.cause()).isInstanceOf(ConnectException.class).hasMessageContaining("ECONNREFUSED");
        assertThat(channel.isOpen()).isTrue();
        channel.close().sync();
    }

    @Test
    void theLargestDatagramsAreReceived() throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        UringDomainDatagramChannel receiver = bound(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                sizes.add(packet.content().readableBytes());
            }
        });
        UringDomainDatagramChannel sender = bound(new Numbers());
        sender.writeAndFlush(
                        new DomainDatagramPacket(Unpooled.directBuffer().writeZero(65_535), receiver.localAddress()))
                .sync();
        await().atMost(LIMIT).until(() -> sizes.equals(List.of(65_535)));
        ChannelFuture tooLarge = sender.writeAndFlush(
                        new DomainDatagramPacket(Unpooled.directBuffer().writeZero(16 << 20), receiver.localAddress()))
                .await();
        assertThat(tooLarge.cause()).isInstanceOf(SocketException.class).hasMessageContaining("EMSGSIZE");
        sender.close().sync();
        receiver.close().sync();
    }
}
