// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.testsuite.StandingLoop;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class AcceptTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SHORTAGE_ECHOES = 40;

    /** O_CLOEXEC, as /proc/PID/fdinfo prints it in octal. */
    private static final int CLOEXEC = 02000000;

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    @Test
    void acceptedConnectionsAreClosedOnExec() throws Exception {
        try (Tcp tcp = Tcp.serve(Echo::new);
                Socket client = tcp.connect()) {
            for (Channel channel : List.of(tcp.accepted(), tcp.server())) {
                int fd = ((UnixChannel) channel).fd().intValue();
                String flags = Files.readAllLines(Path.of("/proc/self/fdinfo", String.valueOf(fd))).stream()
                        .filter(line -> line.startsWith("flags:"))
                        .map(line -> line.substring("flags:".length()).trim())
                        .findFirst()
                        .orElseThrow();
                assertThat(Integer.parseInt(flags, 8) & CLOEXEC).isNotZero();
            }
        }
    }

    @Test
    void theAddressOfAPeerThatResetBeforeItWasAcceptedIsKnown() throws Exception {
        Promise<SocketAddress> remote = ImmediateEventExecutor.INSTANCE.newPromise();
        ServerBootstrap bootstrap = new ServerBootstrap().group(Tcp.loops().next());
        Supplier<ChannelHandler> handlers = () -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                remote.setSuccess(context.channel().remoteAddress());
            }
        };
        try (Tcp tcp = Tcp.serve(bootstrap, handlers)) {
            SocketAddress local;
            try (StandingLoop standing = new StandingLoop(tcp.server().eventLoop())) {
                Socket client = tcp.connect();
                local = client.getLocalSocketAddress();
                client.setSoLinger(true, 0);
                client.close();
            }
            assertThat(remote.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(local);
        }
    }

    /** Accepting from one fails as it does if a connection is at fault. */
    @Test
    void aSocketThatDoesNotListenIsToldOf() throws Exception {
        Promise<Throwable> told = ImmediateEventExecutor.INSTANCE.newPromise();
        int socket = Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_CLOEXEC, 0);
        Channel channel = new UringServerSocketChannel(socket);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                told.trySuccess(cause);
            }
        });
        Tcp.loops().register(channel).sync();
        assertThat(told.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).hasMessageContaining("EOPNOTSUPP");
        channel.close().sync();
    }

    @Test
    void outOfFileDescriptorsItGoesOnServingTellsOnceAndAcceptsAgainWhenThereAreSome() throws Exception {
        List<Throwable> told = new CopyOnWriteArrayList<>();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(Tcp.loops())
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        told.add(cause);
                    }
                });
        try (Tcp tcp = Tcp.serve(bootstrap, Echo::new);
                Socket early = tcp.connect()) {
            tcp.accepted();
            assertEchoes(early);
            List<Socket> late = new ArrayList<>();
            try {
                for (int i = 0; i < 5; i++) {
                    Socket socket = new Socket();
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)); // has its fd now
                    socket.setSoTimeout((int) LIMIT.toMillis());
                    late.add(socket);
                }
                // an ACCEPT that is armed keeps the limit of the moment it was submitted
                tcp.server().config().setAutoRead(false);
                Process shortage = withoutFileDescriptors();
                try {
                    tcp.server().config().setAutoRead(true);
                    for (Socket socket : late) {
                        socket.connect(tcp.address(), (int) LIMIT.toMillis());
                    }
                    for (int echoes = 0; echoes < SHORTAGE_ECHOES || told.isEmpty(); echoes++) {
                        assertEchoes(early);
                        TimeUnit.MILLISECONDS.sleep(50);
                    }
                } finally {
                    shortage.getOutputStream().close();
                    shortage.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
                for (Socket socket : late) {
                    assertEchoes(socket);
                }
            } finally {
                for (Socket socket : late) {
                    socket.close();
                }
            }
            assertThat(told).hasSize(1);
            assertThat(told.get(0)).hasMessageContaining("EMFILE");
        }
    }

    /** Lowers our RLIMIT_NOFILE until the input of the process that does so ends, and returns when it is lower. */
    private static Process withoutFileDescriptors() throws IOException {
        Errno.newSocketException("load the class, which takes a file descriptor", -Errno.EMFILE);
        String self = "--pid " + ProcessHandle.current().pid();
        Path limits = Path.of("/proc/self/limits");
        String before = softLimit(limits);
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "prlimit " + self + " --nofile=3: && cat && prlimit " + self + " --nofile=" + before + ":")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        await().atMost(LIMIT).until(AcceptTest::isLimited);
        return process;
    }

    /** Whether a new file can no longer be opened. */
    private static boolean isLimited() {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return false;
        } catch (IOException tooManyOpenFiles) {
            return true;
        }
    }

    private static String softLimit(Path limits) throws IOException {
        return Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split("\\s+")[3])
                .findFirst()
                .orElseThrow();
    }

    private static void assertEchoes(Socket socket) throws IOException {
        socket.getOutputStream().write(5);
        assertThat(socket.getInputStream().read()).isEqualTo(5);
    }

    @Test
    void whatNobodyReadsStaysInTheKernelsBacklog() throws Exception {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(Tcp.loops())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, 1);
        List<Socket> clients = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(bootstrap, Echo::new)) {
            tcp.server().read();
            clients.add(tcp.connect());
            tcp.accepted();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10; i++) {
                            Socket client = new Socket();
                            clients.add(client);
                            client.connect(tcp.address(), 300);
                        }
                    })
                    .as("once the backlog is full")
                    .isInstanceOf(SocketTimeoutException.class);
            tcp.server().read();
            tcp.accepted();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void closingTheServerWhileConnectionsArriveLeavesNoneOpen() throws Exception {
        for (int round = 0; round < 20; round++) {
            Tcp tcp = Tcp.serve(Echo::new);
            List<Socket> clients = new CopyOnWriteArrayList<>();
            Thread connecting = new Thread(() -> {
                try {
                    for (int i = 0; i < 50; i++) {
                        clients.add(tcp.connect());
                    }
                } catch (Exception refused) {
                    // the server is closed
                }
            });
            connecting.start();
            TimeUnit.MILLISECONDS.sleep(round % 4);
            tcp.close();
            connecting.join();
            for (Socket client : clients) {
                client.close();
            }
            tcp.close();
        } // what is left open the class's invariants find
    }

    @Test
    void thePortIsFreeAgainWhenTheServersCloseFutureIsDone() throws Exception {
        for (int round = 0; round < 50; round++) {
            Tcp tcp = Tcp.serve(Echo::new);
            int port = tcp.address().getPort();
            tcp.close();
            Channel again = new ServerBootstrap()
                    .group(Tcp.loops())
                    .channel(dev.nettyuring.channel.UringServerSocketChannel.class)
                    .childHandler(new Echo())
                    .bind(InetAddress.getLoopbackAddress(), port)
                    .sync()
                    .channel();
            again.close().sync();
        }
    }

    @Test
    void connectionsToTheSameAddressShareTheObject() throws Exception {
        try (Tcp tcp = Tcp.serve(Echo::new);
                Socket first = tcp.connect();
                Socket second = tcp.connect()) {
            Channel one = tcp.accepted();
            Channel other = tcp.accepted();
            assertThat(one.localAddress()).isEqualTo(tcp.address()).isSameAs(other.localAddress());
            assertThat(List.of(one.remoteAddress(), other.remoteAddress()))
                    .containsExactlyInAnyOrder(first.getLocalSocketAddress(), second.getLocalSocketAddress());
        }
    }

    @Test
    void aServerOnTheWildcardAddressServesBothFamiliesAndReportsIpv4PeersAsSuch() throws Exception {
        List<InetSocketAddress> peers = new CopyOnWriteArrayList<>();
        List<InetSocketAddress> asked = new CopyOnWriteArrayList<>();
        Channel server = new ServerBootstrap()
                .group(Tcp.loops())
                .channel(dev.nettyuring.channel.UringServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }

                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        peers.add((InetSocketAddress) context.channel().remoteAddress());
                        asked.add((InetSocketAddress) context.channel().localAddress());
                        context.close();
                    }

                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ((ByteBuf) message).release();
                    }
                })
                .bind(0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        List<InetSocketAddress> sockets = new ArrayList<>();
        for (String host : List.of("127.0.0.1", "::1")) {
            try (Socket socket = new Socket(InetAddress.getByName(host), port)) {
                sockets.add((InetSocketAddress) socket.getRemoteSocketAddress());
                socket.setSoTimeout((int) LIMIT.toMillis());
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(peers)
                .extracting(peer -> peer.getAddress().getHostAddress())
                .containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(asked).containsExactlyElementsOf(sockets);
        server.close().sync();
    }
}
