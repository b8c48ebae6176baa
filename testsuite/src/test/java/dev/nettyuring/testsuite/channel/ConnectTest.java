// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class ConnectTest {
    private static final int LIMIT_SECONDS = 20;
    private static final IntegerUnixChannelOption TCP_FASTOPEN_NO_COOKIE =
            new IntegerUnixChannelOption("TCP_FASTOPEN_NO_COOKIE", 6, 34);

    /** An address that never answers; see {@link dev.nettyuring.testsuite.TestSession}. */
    private static InetSocketAddress blackHole() {
        return new InetSocketAddress(
                System.getProperty("io.netty.testsuite.badHost"), Integer.getInteger("io.netty.testsuite.badPort"));
    }

    private static Bootstrap client() {
        return new Bootstrap()
                .group(Tcp.loops())
                .channel(UringSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter());
    }

    private static Throwable failure(ChannelFuture future) throws InterruptedException {
        assertThat(future.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(future.channel().closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        return future.cause();
    }

    @Test
    void aRefusedConnectionSaysSoWithErrnosNameAndTheAddress() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = unused.getLocalPort();
        }
        assertThat(failure(client().connect(InetAddress.getLoopbackAddress(), port)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("ECONNREFUSED")
                .hasMessageContaining(String.valueOf(port));
    }

    /** As with a cookie, the kernel has no need to ask the server first. */
    @Test
    void withFastOpenAndNothingWrittenTheServerHearsOfTheConnectionNevertheless() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(LIMIT_SECONDS * 1000);
            Channel channel = client().option(ChannelOption.TCP_FASTOPEN_CONNECT, true)
                    .option(TCP_FASTOPEN_NO_COOKIE, 1)
                    .connect(server.getLocalSocketAddress())
                    .sync()
                    .channel();
            server.accept().close();
            assertThat(channel.closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void aConnectionThatIsNotAnsweredTimesOut() throws Exception {
        ChannelFuture future =
                client().option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 100).connect(blackHole());
        assertThat(failure(future)).isInstanceOf(ConnectTimeoutException.class).hasMessageContaining("100 ms");
    }

    @Test
    void cancellingTheFutureClosesTheChannel() throws Exception {
        ChannelFuture future = client().connect(blackHole());
        assertThat(future.await(100)).isFalse();
        assertThat(future.cancel(true)).isTrue();
        assertThat(future.channel().closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(future.isCancelled()).isTrue();
    }

    @Test
    void closingFailsThePendingConnect() throws Exception {
        ChannelFuture future = client().connect(blackHole());
        assertThat(future.await(100)).isFalse();
        future.channel().close().sync();
        assertThat(failure(future)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aSecondConnectIsRefusedWhileOneIsPendingAndAfterItSucceeded() throws Exception {
        ChannelFuture first = client().connect(blackHole());
        assertThat(first.await(100)).isFalse();
        Channel pending = first.channel();
        assertThat(pending.connect(blackHole()).await().cause()).isInstanceOf(ConnectionPendingException.class);
        pending.close().sync();
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            Channel connected = tcp.connect(new ChannelInboundHandlerAdapter());
            assertThat(connected.connect(tcp.address()).await().cause()).isInstanceOf(AlreadyConnectedException.class);
            assertThat(connected.isActive()).isTrue();
            connected.close().sync();
        }
    }

    @Test
    void theLocalAddressIsBoundBeforeConnecting() throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            Channel channel = client().connect(
                            tcp.address(), new InetSocketAddress(tcp.address().getAddress(), 0))
                    .sync()
                    .channel();
            assertThat(((InetSocketAddress) channel.localAddress()).getPort())
                    .isEqualTo(((InetSocketAddress) tcp.accepted().remoteAddress()).getPort());
            channel.close().sync();
        }
    }

    @Test
    void anUnresolvedAddressIsRefused() throws Exception {
        Channel channel = client().register().sync().channel();
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertThat(channel.connect(unresolved).await().cause()).isInstanceOf(UnresolvedAddressException.class);
        channel.close().sync();
    }

    @Test
    void bothFamiliesConnectAndAnIpv4SocketRefusesIpv6() throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            assertThat(tcp.address().getAddress()).isEqualTo(InetAddress.getLoopbackAddress());
            Channel ipv4 = new Bootstrap()
                    .group(Tcp.loops())
                    .channelFactory(() -> new UringSocketChannel(SocketProtocolFamily.INET))
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect("127.0.0.1", tcp.address().getPort())
                    .sync()
                    .channel();
            assertThat(((InetSocketAddress) ipv4.remoteAddress()).getAddress())
                    .isEqualTo(InetAddress.getByName("127.0.0.1"));
            ipv4.close().sync();
            ChannelFuture refused = new Bootstrap()
                    .group(Tcp.loops())
                    .channelFactory(() -> new UringSocketChannel(SocketProtocolFamily.INET))
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(InetAddress.getByName("::1"), 1)
                    .await();
            assertThat(refused.cause())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("IPv4");
            refused.channel().close().sync();
        }
    }

    @Test
    void aRefusedAddressLeavesTheChannelInactiveForGood() throws Exception {
        AtomicBoolean active = new AtomicBoolean();
        Channel channel = new Bootstrap()
                .group(Tcp.loops())
                .channelFactory(() -> new UringSocketChannel(SocketProtocolFamily.INET))
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        active.set(true);
                    }
                })
                .register()
                .sync()
                .channel();
        assertThat(channel.connect(new InetSocketAddress("::1", 1)).await().cause())
                .isInstanceOf(IllegalArgumentException.class);
        channel.eventLoop().schedule(() -> {}, 50, TimeUnit.MILLISECONDS).sync();
        assertThat(active).isFalse();
        assertThat(channel.isActive()).isFalse();
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            InetSocketAddress ipv4 =
                    new InetSocketAddress("127.0.0.1", tcp.address().getPort());
            assertThat(channel.connect(ipv4).await().cause())
                    .as("the next attempt")
                    .isNull();
        }
        channel.close().sync();
    }

    @Test
    void closingWithLingerFailsThePendingConnectInTheSameWay() throws Exception {
        ChannelFuture future = client().option(ChannelOption.SO_LINGER, 1).connect(blackHole());
        assertThat(future.await(100)).isFalse();
        future.channel().close().sync();
        assertThat(failure(future)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void theIpv4WildcardIsThisMachineByIpv4() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Channel channel =
                    client().connect("0.0.0.0", server.getLocalPort()).sync().channel();
            assertThat(((InetSocketAddress) channel.remoteAddress()).getAddress())
                    .isEqualTo(InetAddress.getByName("127.0.0.1"));
            channel.close().sync();
        }
    }

    @Test
    void aScopeIdIsPartOfTheAddress() throws Exception {
        Inet6Address scoped =
                Inet6Address.getByAddress(null, InetAddress.getByName("::1").getAddress(), 1);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            Channel channel =
                    client().connect(scoped, server.getLocalPort()).sync().channel();
            assertThat(channel.isActive()).isTrue();
            channel.close().sync();
        }
    }
}
