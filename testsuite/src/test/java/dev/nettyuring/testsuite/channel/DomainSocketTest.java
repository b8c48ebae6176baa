// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TransportInvariants.class)
class DomainSocketTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);

    @TempDir
    private Path folder;

    @ChannelHandler.Sharable
    private static final class Idle extends ChannelInboundHandlerAdapter {}

    private static ServerBootstrap server() {
        return new ServerBootstrap()
                .group(Tcp.loops())
                .channel(UringServerDomainSocketChannel.class)
                .childHandler(new Idle());
    }

    private static Bootstrap client() {
        return new Bootstrap()
                .group(Tcp.loops())
                .channel(UringDomainSocketChannel.class)
                .handler(new Idle());
    }

    private static Throwable bindFailure(SocketAddress address) throws InterruptedException {
        ChannelFuture bound = server().bind(address).await();
        assertThat(bound.isSuccess()).isFalse();
        return bound.cause();
    }

    private DomainSocketAddress at(String name) {
        return new DomainSocketAddress(folder.resolve(name).toString());
    }

    @Test
    void aServersFileGoesWithIt() throws Exception {
        Channel server = server().bind(at("server")).sync().channel();
        assertThat(folder.resolve("server")).exists();
        assertThat(server.localAddress()).isEqualTo(at("server"));
        server.close().sync();
        assertThat(folder.resolve("server")).doesNotExist();
    }

    @Test
    void anotherFileAtItsPathStays() throws Exception {
        Channel server = server().bind(at("server")).sync().channel();
        Files.delete(folder.resolve("server"));
        Channel successor = server().bind(at("server")).sync().channel();
        server.close().sync();
        assertThat(folder.resolve("server")).exists();
        successor.close().sync();
    }

    @Test
    void aFileThatWasLeftBehindIsSaidToBe() throws Exception {
        try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            gone.bind(UnixDomainSocketAddress.of(folder.resolve("stale")));
        }
        assertThat(bindFailure(at("stale")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(at("stale").path())
                .hasMessageContaining("EADDRINUSE")
                .hasMessageContaining("delete it");
        ChannelFuture connected = client().connect(at("stale")).await();
        assertThat(connected.cause())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(at("stale").path())
                .hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void aServerThatListensAlreadyIsSaidToAndNotDisturbed() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(folder.resolve("taken")));
            other.configureBlocking(false);
            assertThat(bindFailure(at("taken")))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(at("taken").path())
                    .hasMessageContaining("somebody listens there");
            assertThat(other.accept()).isNull();
        }
    }

    @Test
    void anOrdinaryFileIsSaidToBeOne() throws Exception {
        Files.writeString(folder.resolve("file"), "text");
        assertThat(bindFailure(at("file")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(at("file").path())
                .hasMessageContaining("no socket");
        assertThat(folder.resolve("file")).hasContent("text");
    }

    @Test
    void aMissingDirectoryIsSaidToBe() throws Exception {
        assertThat(bindFailure(at("missing/server")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(at("missing/server").path())
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("create the directory");
    }

    @Test
    void aPathThatIsTooLongIsNamedWithItsLimit() throws Exception {
        String path = "/tmp/" + "x".repeat(103);
        assertThat(bindFailure(new DomainSocketAddress(path)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path)
                .hasMessageContaining("108 bytes")
                .hasMessageContaining("at most 107");
        assertThat(client().connect(new DomainSocketAddress(path)).await().cause())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 107");
        DomainSocketAddress longest = new DomainSocketAddress(path.substring(1).replace("tmp/", "/tmp/"));
        assertThat(longest.path()).hasSize(108);
        assertThat(bindFailure(longest)).hasMessageContaining("at most 107");
    }

    @Test
    void thePathsOf107BytesAreServed() throws Exception {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "u");
        String path = directory + "/" + "x".repeat(106 - directory.toString().length());
        assertThat(path).hasSize(107);
        Channel server = server().bind(new DomainSocketAddress(path)).sync().channel();
        Channel connected = client().connect(server.localAddress()).sync().channel();
        assertThat(((DomainSocketAddress) connected.remoteAddress()).path()).isEqualTo(path);
        connected.close().sync();
        server.close().sync();
        Files.delete(directory);
    }

    @Test
    void aNulInTheMiddleOfAPathIsRefused() throws Exception {
        assertThat(bindFailure(new DomainSocketAddress(folder + "/a\0b")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("NUL");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theEmptyPathGetsAnAbstractNameFromTheKernel() throws Exception {
        Channel server = server().bind(new DomainSocketAddress("")).sync().channel();
        String name = ((DomainSocketAddress) server.localAddress()).path();
        assertThat(name).startsWith("\0").hasSizeGreaterThan(1);
        Channel connected = client().connect(server.localAddress()).sync().channel();
        assertThat(bindFailure(server.localAddress()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("bind(@" + name.substring(1))
                .hasMessageContaining("another socket has that abstract name");
        connected.close().sync();
        server.close().sync();
    }

    @Test
    void aClientMayBeBoundToAPathOfItsOwn() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            Channel connected =
                    client().connect(domain.address(), at("client")).sync().channel();
            assertThat(connected.localAddress()).isEqualTo(at("client"));
            assertThat(domain.accepted().remoteAddress()).isEqualTo(at("client"));
            connected.close().sync();
        }
    }

    @Test
    void thePeersCredentialsAreThoseOfItsProcess() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            UringDomainSocketChannel connected = domain.connect(new ChannelInboundHandlerAdapter());
            int uid = (Integer) Files.getAttribute(folder, "unix:uid");
            int gid = (Integer) Files.getAttribute(folder, "unix:gid");
            for (PeerCredentials credentials :
                    List.of(connected.peerCredentials(), domain.accepted().peerCredentials())) {
                assertThat(credentials.pid())
                        .isEqualTo((int) ProcessHandle.current().pid());
                assertThat(credentials.uid()).isEqualTo(uid);
                assertThat(credentials.gids()).containsExactly(gid);
            }
            connected.close().sync();
            assertThatThrownBy(connected::peerCredentials)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed");
        }
        UringDomainSocketChannel alone = new UringDomainSocketChannel();
        assertThatThrownBy(alone::peerCredentials)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not connected");
        alone.unsafe().closeForcibly();
    }

    @Test
    void theJdksClientsAndServersArePeers() throws Exception {
        Collector collector = new Collector();
        try (Domain domain = Domain.serve(() -> collector);
                SocketChannel jdk = domain.connect()) {
            jdk.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            await().atMost(LIMIT).until(() -> collector.count() == 3);
            domain.accepted()
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {4, 5}))
                    .sync();
            ByteBuffer read = ByteBuffer.allocate(2);
            while (read.hasRemaining()) {
                assertThat(jdk.read(read)).isPositive();
            }
            assertThat(read.array()).containsExactly(4, 5);
        }
        await().atMost(LIMIT).until(collector::isInactive);
    }

    @Test
    void theEndOfInputLeavesTheOutputOpenWithHalfClosure() throws Exception {
        Collector collector = new Collector();
        try (Domain domain = Domain.serve(() -> collector);
                SocketChannel jdk = domain.connect()) {
            UringDomainSocketChannel accepted = domain.accepted();
            accepted.config().setAllowHalfClosure(true);
            jdk.shutdownOutput();
            await().atMost(LIMIT).until(() -> collector.events().contains(ChannelInputShutdownEvent.INSTANCE));
            assertThat(accepted.isInputShutdown()).isTrue();
            accepted.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {7})).sync();
            accepted.shutdownOutput().sync();
            ByteBuffer read = ByteBuffer.allocate(2);
            assertThat(jdk.read(read)).isEqualTo(1);
            assertThat(jdk.read(read)).isEqualTo(-1);
        }
    }

    private static int duplicate(UnixChannel channel) {
        return Native.fcntl(channel.fd().intValue(), SocketAbi.F_DUPFD_CLOEXEC, 0);
    }

    @Test
    void socketsThatExistAlreadyAreTakenOver() throws Exception {
        Collector collector = new Collector();
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            UringDomainSocketChannel original = domain.connect(new ChannelInboundHandlerAdapter());
            UringDomainSocketChannel taken = new UringDomainSocketChannel(duplicate(original));
            original.close().sync();
            assertThat(taken.isActive()).isTrue();
            assertThat(taken.remoteAddress()).isEqualTo(domain.address());
            taken.pipeline().addLast(collector);
            Tcp.loops().register(taken).sync();
            domain.accepted()
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {9}))
                    .sync();
            await().atMost(LIMIT).until(() -> collector.count() == 1);
            taken.close().sync();

            UringServerDomainSocketChannel server = new UringServerDomainSocketChannel(duplicate(domain.server()));
            assertThat(server.localAddress()).isEqualTo(domain.address());
            assertThat(server.isActive()).isTrue();
            server.unsafe().closeForcibly();
            assertThat(Path.of(domain.address().path())).exists();
        }
    }

    @Test
    void whatIsNoUnixDomainSocketIsNotTakenOver() throws Exception {
        assertThatThrownBy(() -> new UringDomainSocketChannel(1 << 20)).hasMessageContaining("EBADF");
        try (Tcp tcp = Tcp.serve(ChannelInboundHandlerAdapter::new)) {
            int fd = ((UnixChannel) tcp.server()).fd().intValue();
            assertThatThrownBy(() -> new UringDomainSocketChannel(fd))
                    .hasMessageContaining("fd " + fd + " is not a Unix domain socket");
        }
    }

    private static int operationsInFlight() {
        return TransportInvariants.loops().metrics().stream()
                .mapToInt(UringMetrics::operationsInFlight)
                .sum();
    }

    @Test
    void aConnectionWaitsWhileTheServersQueueIsFull() throws Exception {
        Channel server = server().option(ChannelOption.SO_BACKLOG, 0)
                .option(ChannelOption.AUTO_READ, false)
                .bind(at("busy"))
                .sync()
                .channel();
        List<Channel> connected = new ArrayList<>();
        connected.add(client().connect(server.localAddress()).sync().channel());
        ChannelFuture waiting = client().connect(server.localAddress());
        await().atMost(LIMIT).until(() -> waiting.channel().isRegistered());
        waiting.channel().eventLoop().submit(() -> {}).sync();
        int inFlight = operationsInFlight();
        ChannelFuture tooLong = client().option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 200)
                .connect(server.localAddress())
                .await();
        assertThat(tooLong.cause()).isInstanceOf(ConnectTimeoutException.class);
        // the kernel may wake one that is being cancelled in the other's stead
        await().atMost(LIMIT).until(() -> operationsInFlight() <= inFlight);
        assertThat(waiting.isDone()).isFalse();
        server.config().setAutoRead(true);
        connected.add(waiting.sync().channel());
        for (Channel channel : connected) {
            channel.close().sync();
        }
        server.close().sync();
    }

    @Test
    void aBufferOfTheUsersIsReadInto() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new);
                SocketChannel jdk = domain.connect()) {
            UringDomainSocketChannel accepted = domain.accepted();
            AutoRead.off(accepted);
            jdk.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuf buffer = Unpooled.directBuffer(8);
            try {
                await().atMost(LIMIT).until(() -> {
                    accepted.readInto(buffer).await();
                    return buffer.readableBytes() == 3;
                });
            } finally {
                buffer.release();
            }
        }
    }
}
