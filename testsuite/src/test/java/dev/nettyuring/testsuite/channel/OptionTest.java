// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.ProcessStatus;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(TransportInvariants.class)
class OptionTest {
    /** Its bit, from linux/capability.h. */
    private static final int CAP_NET_ADMIN = 12;

    private static final int SOL_SOCKET = 1;
    private static final int SO_PRIORITY = 12;

    private final List<Channel> open = new ArrayList<>();

    private <C extends Channel> C opened(C channel) {
        open.add(channel);
        return channel;
    }

    @AfterEach
    void close() {
        open.forEach(channel -> channel.unsafe().closeForcibly());
    }

    static List<Arguments> streamOptions() {
        return List.of(
                Arguments.of(ChannelOption.SO_REUSEADDR, true),
                Arguments.of(ChannelOption.SO_KEEPALIVE, true),
                Arguments.of(ChannelOption.SO_LINGER, 3),
                Arguments.of(ChannelOption.SO_LINGER, -1),
                Arguments.of(ChannelOption.IP_TOS, 0x10),
                Arguments.of(ChannelOption.TCP_NODELAY, false),
                Arguments.of(ChannelOption.TCP_FASTOPEN_CONNECT, true),
                Arguments.of(ChannelOption.ALLOW_HALF_CLOSURE, true),
                Arguments.of(ChannelOption.AUTO_READ, false),
                Arguments.of(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1234),
                Arguments.of(UringChannelOption.SO_REUSEPORT, true),
                Arguments.of(UringChannelOption.SO_BUSY_POLL, 0),
                Arguments.of(UringChannelOption.SO_INCOMING_CPU, 1),
                Arguments.of(UringChannelOption.IP_FREEBIND, true),
                Arguments.of(UringChannelOption.IP_TRANSPARENT, true),
                Arguments.of(UringChannelOption.IP_BIND_ADDRESS_NO_PORT, true),
                Arguments.of(UringChannelOption.TCP_CORK, true),
                Arguments.of(UringChannelOption.TCP_NOTSENT_LOWAT, 0xffff_fff0L),
                Arguments.of(UringChannelOption.TCP_KEEPIDLE, 11),
                Arguments.of(UringChannelOption.TCP_KEEPINTVL, 12),
                Arguments.of(UringChannelOption.TCP_KEEPCNT, 13),
                Arguments.of(UringChannelOption.TCP_USER_TIMEOUT, 14_000),
                Arguments.of(UringChannelOption.TCP_QUICKACK, false));
    }

    @ParameterizedTest
    @MethodSource("streamOptions")
    <T> void aConnectionsOptionReadsBackAsSet(ChannelOption<T> option, T value) {
        assumePrivileged(option);
        UringSocketChannel channel = opened(new UringSocketChannel());
        assertThat(channel.config().setOption(option, value)).isTrue();
        assertThat(channel.config().getOption(option)).isEqualTo(value);
        assertThat(channel.config().getOptions()).containsEntry(option, value);
    }

    static List<Arguments> serverOptions() {
        return List.of(
                Arguments.of(ChannelOption.SO_REUSEADDR, false),
                Arguments.of(ChannelOption.SO_BACKLOG, 77),
                Arguments.of(ChannelOption.TCP_FASTOPEN, 5),
                Arguments.of(UringChannelOption.SO_REUSEPORT, true),
                Arguments.of(UringChannelOption.IP_FREEBIND, true),
                Arguments.of(UringChannelOption.IP_TRANSPARENT, true),
                Arguments.of(UringChannelOption.TCP_DEFER_ACCEPT, 1));
    }

    @ParameterizedTest
    @MethodSource("serverOptions")
    <T> void aServersOptionReadsBackAsSet(ChannelOption<T> option, T value) {
        assumePrivileged(option);
        UringServerSocketChannel channel = opened(new UringServerSocketChannel());
        assertThat(channel.config().setOption(option, value)).isTrue();
        assertThat(channel.config().getOption(option)).isEqualTo(value);
    }

    static List<Arguments> domainOptions() {
        return List.of(
                Arguments.of(ChannelOption.ALLOW_HALF_CLOSURE, true),
                Arguments.of(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS));
    }

    @ParameterizedTest
    @MethodSource("domainOptions")
    <T> void aDomainConnectionsOptionReadsBackAsSet(ChannelOption<T> option, T value) {
        UringDomainSocketChannel channel = opened(new UringDomainSocketChannel());
        assertThat(channel.config().setOption(option, value)).isTrue();
        assertThat(channel.config().getOption(option)).isEqualTo(value);
        assertThat(channel.config().getOptions()).containsEntry(option, value);
    }

    @Test
    void theOptionsOfDomainServersAndDatagramsReadBackAsSet() {
        UringServerDomainSocketChannel server = opened(new UringServerDomainSocketChannel());
        server.config().setBacklog(7).setReceiveBufferSize(30_000);
        assertThat(server.config().getOptions())
                .containsEntry(ChannelOption.SO_BACKLOG, 7)
                .containsEntry(ChannelOption.SO_RCVBUF, 2 * 30_000);
        UringDomainDatagramChannel datagrams = opened(new UringDomainDatagramChannel());
        datagrams.config().setSendBufferSize(20_000);
        assertThat(datagrams.config().getOptions()).containsEntry(ChannelOption.SO_SNDBUF, 2 * 20_000);
    }

    @Test
    void theZeroCopyThresholdOfNettysIoUringSetsTheModeAsWell() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        ChannelOption<Integer> theirs =
                ChannelOption.valueOf("io.netty.channel.uring.IoUringChannelOption#IO_URING_WRITE_ZERO_COPY_THRESHOLD");
        channel.config().setOption(theirs, -1);
        assertThat(channel.config().getZeroCopy()).isEqualTo(ZeroCopy.NEVER);
        assertThat(channel.config().getOption(theirs)).isEqualTo(-1);
        channel.config().setOption(theirs, 12_345);
        assertThat(channel.config().getZeroCopy()).isEqualTo(ZeroCopy.AUTO);
        assertThat(channel.config().getZeroCopyThreshold()).isEqualTo(12_345);
        assertThat(channel.config().getOption(theirs)).isEqualTo(12_345);
    }

    private static void assumePrivileged(ChannelOption<?> option) {
        if (option == UringChannelOption.IP_TRANSPARENT) {
            assumeTrue(isNetworkAdministrator(), "IP_TRANSPARENT needs CAP_NET_ADMIN");
        }
    }

    private static boolean isNetworkAdministrator() {
        try {
            return (Long.parseUnsignedLong(ProcessStatus.of("CapEff"), 16) >> CAP_NET_ADMIN & 1) != 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void socketBuffersAreSetToWhatTheKernelMakesOfThem() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        channel.config().setSendBufferSize(20_000).setReceiveBufferSize(30_000);
        assertThat(channel.config().getSendBufferSize()).isEqualTo(2 * 20_000);
        assertThat(channel.config().getReceiveBufferSize()).isEqualTo(2 * 30_000);
    }

    @Test
    void theOptionsOfNettysOwnTransportsMeanTheSame() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        ChannelOption<Integer> epolls = ChannelOption.valueOf("io.netty.channel.epoll.EpollChannelOption#TCP_KEEPIDLE");
        ChannelOption<Integer> ioUrings =
                ChannelOption.valueOf("io.netty.channel.uring.IoUringChannelOption#TCP_KEEPIDLE");
        assertThat(channel.config().setOption(epolls, 99)).isTrue();
        assertThat(channel.config().getOption(ioUrings)).isEqualTo(99);
        assertThat(channel.config().getOption(UringChannelOption.TCP_KEEPIDLE)).isEqualTo(99);
    }

    @Test
    void aRawIntegerOptionReachesTheKernel() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        IntegerUnixChannelOption priority = new IntegerUnixChannelOption("SO_PRIORITY", SOL_SOCKET, SO_PRIORITY);
        assertThat(channel.config().setOption(priority, 4)).isTrue();
        assertThat(channel.config().getOption(priority)).isEqualTo(4);
    }

    @Test
    void aRawOptionReachesTheKernelAsBytes() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        RawUnixChannelOption option = new RawUnixChannelOption("raw-priority", SOL_SOCKET, SO_PRIORITY, Integer.BYTES);
        ByteBuffer value = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(0, 5);
        assertThat(channel.config().setOption(option, value)).isTrue();
        assertThat(channel.config()
                        .getOption(option)
                        .order(ByteOrder.nativeOrder())
                        .getInt(0))
                .isEqualTo(5);
    }

    @Test
    void anUnknownOptionIsRefusedAsNettyDoes() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        assertThat(channel.config().setOption(ChannelOption.SO_BACKLOG, 5)).isFalse();
        assertThat(channel.config().getOption(ChannelOption.SO_BACKLOG)).isNull();
    }

    @Test
    void anOptionThatTheKernelRefusesSaysWhichAndWhy() {
        UringSocketChannel channel = opened(new UringSocketChannel());
        assertThatThrownBy(() -> channel.config().setOption(UringChannelOption.TCP_KEEPIDLE, -1))
                .isInstanceOf(ChannelException.class)
                .hasMessageContaining("TCP_KEEPIDLE")
                .hasMessageContaining("EINVAL");
        assertThatThrownBy(() -> channel.config().setOption(UringChannelOption.TCP_NOTSENT_LOWAT, -1L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4294967295");
    }

    @Test
    void aClosedChannelsOptionsAreRefusedAndNeverReachAnotherSocket() {
        UringSocketChannel channel = new UringSocketChannel();
        channel.unsafe().closeForcibly();
        UringSocketChannel other = opened(new UringSocketChannel()); // has the same fd number
        assertThatThrownBy(() -> channel.config().setKeepAlive(true))
                .isInstanceOf(ChannelException.class)
                .hasMessageContaining("EBADF");
        assertThat(other.config().isKeepAlive()).isFalse();
    }

    @Test
    void tcpInfoTellsOfTheConnection() throws Exception {
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            UringSocketChannel channel = (UringSocketChannel) tcp.connect(new ChannelInboundHandlerAdapter());
            assertThat(channel.tcpInfo().state()).isEqualTo(1);
            assertThat(channel.tcpInfo().rtt()).isPositive();
            assertThat(channel.tcpInfo().sndMss()).isGreaterThan(500);
            assertThatThrownBy(() -> channel.config().setOption(UringChannelOption.TCP_INFO, channel.tcpInfo()))
                    .isInstanceOf(UnsupportedOperationException.class);
            channel.close().sync();
        }
    }

    @Test
    void aBadMd5KeyIsRefusedWithItsLength() {
        UringServerSocketChannel server = opened(new UringServerSocketChannel());
        assertThatThrownBy(() -> server.config()
                        .setOption(
                                UringChannelOption.TCP_MD5SIG, Map.of(InetAddress.getLoopbackAddress(), new byte[81])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("81 bytes")
                .hasMessageContaining("1 to 80");
    }
}
