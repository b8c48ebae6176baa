// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.SocketFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.DatagramUnicastTest;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class UringDomainDatagramUnicastTest extends DatagramUnicastTest {
    private static final int LIMIT_SECONDS = 10;

    @Override
    protected List<BootstrapComboFactory<Bootstrap, Bootstrap>> newFactories() {
        return Combinations.domainDatagram();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return SocketFiles.newAddress();
    }

    @Override
    protected boolean supportDisconnect() {
        return true;
    }

    @Override
    protected boolean isConnected(Channel channel) {
        return ((DomainDatagramChannel) channel).isConnected();
    }

    /** The JDK, whose socket sends them upstream, has no Unix domain sockets of datagrams. */
    @Override
    public void testReceiveEmptyDatagrams(Bootstrap server, Bootstrap client) throws Throwable {
        Semaphore received = new Semaphore(0);
        Channel to = server.handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        assertThat(packet.content().isReadable()).isFalse();
                        received.release();
                    }
                })
                .bind(newSocketAddress())
                .sync()
                .channel();
        Channel from = client.handler(new ChannelInboundHandlerAdapter())
                .connect(to.localAddress())
                .sync()
                .channel();
        DomainSocketAddress address = (DomainSocketAddress) to.localAddress();
        for (int i = 0; i < 100; i++) {
            from.writeAndFlush(new DomainDatagramPacket(Unpooled.EMPTY_BUFFER, address))
                    .sync();
            assertThat(received.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        closeChannel(from);
        closeChannel(to);
    }

    private abstract static class Checking extends SimpleChannelInboundHandler<DomainDatagramPacket> {
        private final CountDownLatch latch;
        private final AtomicReference<Throwable> error;

        Checking(CountDownLatch latch, AtomicReference<Throwable> error) {
            this.latch = latch;
            this.error = error;
        }

        abstract void check(ChannelHandlerContext context, DomainDatagramPacket packet);

        @Override
        protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
            try {
                check(context, packet);
            } finally {
                latch.countDown();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            error.compareAndSet(null, cause);
        }
    }

    @Override
    protected Channel setupClientChannel(
            Bootstrap client, byte[] bytes, CountDownLatch latch, AtomicReference<Throwable> error) throws Throwable {
        return client.handler(new Checking(latch, error) {
                    @Override
                    void check(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        assertThat(ByteBufUtil.getBytes(packet.content())).isEqualTo(bytes);
                        assertThat(packet.recipient())
                                .isEqualTo(context.channel().localAddress());
                    }
                })
                .bind(newSocketAddress())
                .sync()
                .channel();
    }

    @Override
    protected Channel setupServerChannel(
            Bootstrap server,
            byte[] bytes,
            SocketAddress sender,
            CountDownLatch latch,
            AtomicReference<Throwable> error,
            boolean echo)
            throws Throwable {
        return server.handler(new Checking(latch, error) {
                    @Override
                    void check(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        assertThat(packet.sender()).isEqualTo(sender == null ? new DomainSocketAddress("") : sender);
                        assertThat(ByteBufUtil.getBytes(packet.content())).isEqualTo(bytes);
                        assertThat(packet.recipient())
                                .isEqualTo(context.channel().localAddress());
                        if (echo) {
                            context.writeAndFlush(
                                    new DomainDatagramPacket(packet.content().retainedDuplicate(), packet.sender()));
                        }
                    }
                })
                .bind(newSocketAddress())
                .sync()
                .channel();
    }

    @Override
    protected ChannelFuture write(Channel channel, ByteBuf buf, SocketAddress remote, WrapType wrapType) {
        DomainSocketAddress recipient = (DomainSocketAddress) remote;
        switch (wrapType) {
            case DUP:
                return channel.write(new DomainDatagramPacket(buf.retainedDuplicate(), recipient));
            case SLICE:
                return channel.write(new DomainDatagramPacket(buf.retainedSlice(), recipient));
            case READ_ONLY:
                return channel.write(new DomainDatagramPacket(buf.retain().asReadOnly(), recipient));
            default:
                return channel.write(new DomainDatagramPacket(buf.retain(), recipient));
        }
    }
}
