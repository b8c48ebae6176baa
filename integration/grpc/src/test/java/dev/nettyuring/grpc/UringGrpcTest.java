// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UringGrpcTest {
    private static final long LIMIT_SECONDS = 60;
    private static final SocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final IoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());

    @AfterEach
    void end() throws InterruptedException {
        loops.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(loops.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theCallersLoopsServeAndStayTheCallers() throws Exception {
        Server server = health(UringGrpc.server(loops, LOOPBACK, InsecureServerCredentials.create()));
        ManagedChannel channel = UringGrpc.channel(
                        loops, server.getListenSockets().get(0), InsecureChannelCredentials.create())
                .build();
        assertThat(status(channel)).isEqualTo(ServingStatus.SERVING);
        end(channel, server);
        assertThat(loops.isShuttingDown()).isFalse();
    }

    @Test
    void tcpConnectionsHaveTheOptions() throws Exception {
        Queue<UringSocketChannel> made = new ConcurrentLinkedQueue<>();
        Server server = health(UringGrpc.server(loops, LOOPBACK, InsecureServerCredentials.create()));
        ManagedChannel channel = UringGrpc.channel(
                        loops, server.getListenSockets().get(0), InsecureChannelCredentials.create())
                .channelFactory(() -> {
                    UringSocketChannel created = new UringSocketChannel();
                    made.add(created);
                    return created;
                })
                .build();
        assertThat(status(channel)).isEqualTo(ServingStatus.SERVING);
        UringSocketChannel connection = made.element();
        assertThat(connection.config().getOption(UringChannelOption.TCP_USER_TIMEOUT))
                .isEqualTo(UringGrpc.USER_TIMEOUT_MILLIS);
        assertThat(connection.alloc()).isSameAs(UringByteBufAllocator.DEFAULT);
        end(channel, server);
    }

    @Test
    void anAbstractUnixAddressIsOneToo() throws Exception {
        SocketAddress address = new DomainSocketAddress(
                "\0netty-uring-grpc-" + ProcessHandle.current().pid());
        Server server = health(UringGrpc.server(loops, address, InsecureServerCredentials.create()));
        ManagedChannel channel = UringGrpc.channel(loops, address, InsecureChannelCredentials.create())
                .build();
        assertThat(status(channel)).isEqualTo(ServingStatus.SERVING);
        end(channel, server);
    }

    @Test
    void otherLoopsAreRefused() throws Exception {
        IoEventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            assertThatThrownBy(() -> UringGrpc.server(nio, LOOPBACK, InsecureServerCredentials.create()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("UringIoHandler.newFactory()");
            assertThatThrownBy(() -> UringGrpc.channel(nio, "localhost:1", InsecureChannelCredentials.create()))
                    .isInstanceOf(IllegalArgumentException.class);
        } finally {
            nio.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            assertThat(nio.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void otherAddressesAreRefused() {
        SocketAddress local = new LocalAddress("nowhere");
        assertThatThrownBy(() -> UringGrpc.server(loops, local, InsecureServerCredentials.create()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DomainSocketAddress");
        assertThatThrownBy(() -> UringGrpc.channel(loops, local, InsecureChannelCredentials.create()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Server health(NettyServerBuilder builder) throws Exception {
        return builder.addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
    }

    private static ServingStatus status(ManagedChannel channel) {
        return HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private static void end(ManagedChannel channel, Server server) throws InterruptedException {
        assertThat(channel.shutdown().awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(server.shutdown().awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }
}
