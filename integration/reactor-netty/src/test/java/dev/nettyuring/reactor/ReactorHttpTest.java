// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import static dev.nettyuring.reactor.OwnLoops.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufFlux;
import reactor.netty.ByteBufMono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.netty.udp.UdpClient;
import reactor.netty.udp.UdpServer;

/** Reactor Netty's servers and clients on io_uring. */
@ExtendWith(OwnLoops.class)
class ReactorHttpTest {
    private static final SocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);
    private static final int REQUESTS = 50;
    private static final int LARGE = 1 << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(ServedProtocol.class)
    void requestsAreAnswered(ServedProtocol protocol, UringLoopResources loops) {
        Queue<Class<? extends Channel>> types = new ConcurrentLinkedQueue<>();
        DisposableServer server = echo(protocol, loops, types).bindNow(LIMIT);
        ConnectionProvider connections = ConnectionProvider.create("test", 4);
        HttpClient client =
                protocol.on(HttpClient.create(connections).runOn(loops).remoteAddress(server::address));

        byte[] body = random();
        List<byte[]> answers = Flux.range(0, REQUESTS)
                .flatMap(i -> post(client, i % 10 == 0 ? body : Arrays.copyOf(body, i)), 8)
                .collectList()
                .block(LIMIT);

        assertThat(answers).hasSize(REQUESTS);
        assertThat(answers.stream().filter(answer -> answer.length == LARGE))
                .hasSize(REQUESTS / 10)
                .allSatisfy(answer -> assertThat(answer).isEqualTo(body));
        assertThat(types).isNotEmpty().containsOnly(UringSocketChannel.class);
        connections.disposeLater().block(LIMIT);
        server.disposeNow(LIMIT);
    }

    @Test
    void unixDomainSocketsServe(UringLoopResources loops) {
        Queue<Class<? extends Channel>> types = new ConcurrentLinkedQueue<>();
        SocketAddress address = new DomainSocketAddress(folder.resolve("http").toFile());
        DisposableServer server = echo(ServedProtocol.HTTP_1_1, loops, types)
                .bindAddress(() -> address)
                .bindNow(LIMIT);
        HttpClient client = HttpClient.newConnection().runOn(loops).remoteAddress(() -> address);

        assertThat(post(client, "by file".getBytes()).block(LIMIT)).asString().isEqualTo("by file");

        assertThat(types).containsExactly(UringDomainSocketChannel.class);
        server.disposeNow(LIMIT);
    }

    @Test
    void filesAreServed(UringLoopResources loops) throws Exception {
        byte[] content = random();
        Path file = Files.write(folder.resolve("file"), content);
        DisposableServer server = HttpServer.create()
                .runOn(loops)
                .bindAddress(() -> LOOPBACK)
                .handle((request, response) -> response.sendFile(file))
                .bindNow(LIMIT);
        HttpClient client = HttpClient.newConnection().runOn(loops).remoteAddress(server::address);

        assertThat(client.get().responseContent().aggregate().asByteArray().block(LIMIT))
                .isEqualTo(content);
        server.disposeNow(LIMIT);
    }

    @Test
    void webSocketsEcho(UringLoopResources loops) {
        DisposableServer server = HttpServer.create()
                .runOn(loops)
                .bindAddress(() -> LOOPBACK)
                .route(routes ->
                        routes.ws("/echo", (in, out) -> out.send(in.receive().retain())))
                .bindNow(LIMIT);

        String answer = HttpClient.newConnection()
                .runOn(loops)
                .remoteAddress(server::address)
                .websocket()
                .uri("/echo")
                .handle((in, out) -> out.sendString(Mono.just("hello"))
                        .then()
                        .thenMany(in.receive().asString().take(1)))
                .blockFirst(LIMIT);

        assertThat(answer).isEqualTo("hello");
        server.disposeNow(LIMIT);
    }

    @Test
    void tcpAndUdpEcho(UringLoopResources loops) {
        DisposableServer tcp = TcpServer.create()
                .runOn(loops)
                .bindAddress(() -> LOOPBACK)
                .handle((in, out) -> out.send(in.receive().retain()))
                .bindNow(LIMIT);
        var udp = UdpServer.create()
                .runOn(loops)
                .bindAddress(() -> LOOPBACK)
                .handle((in, out) -> out.sendObject(in.receiveObject()
                        .cast(DatagramPacket.class)
                        .map(packet -> new DatagramPacket(packet.content().retain(), packet.sender()))))
                .bindNow(LIMIT);

        var tcpClient = TcpClient.newConnection()
                .runOn(loops)
                .remoteAddress(tcp::address)
                .connectNow(LIMIT);
        var udpClient =
                UdpClient.create().runOn(loops).remoteAddress(udp::address).connectNow(LIMIT);
        for (var connection : List.of(tcpClient, udpClient)) {
            connection.outbound().sendString(Mono.just("ping")).then().block(LIMIT);
            assertThat(connection.inbound().receive().asString().blockFirst(LIMIT))
                    .isEqualTo("ping");
            connection.disposeNow(LIMIT);
        }
        udp.disposeNow(LIMIT);
        tcp.disposeNow(LIMIT);
    }

    @Test
    void blockingOnALoopIsRefused(UringLoopResources loops) throws Exception {
        assertThat(loops.onServer(true)
                        .submit(Schedulers::isInNonBlockingThread)
                        .get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    private static HttpServer echo(
            ServedProtocol protocol, UringLoopResources loops, Queue<Class<? extends Channel>> types) {
        return protocol.on(HttpServer.create())
                .runOn(loops)
                .bindAddress(() -> LOOPBACK)
                .doOnChannelInit((observer, channel, remote) -> types.add(channel.getClass()))
                .handle((request, response) -> {
                    assertThat(request.version().text()).isEqualTo(protocol.version());
                    return response.send(
                            ByteBufMono.from(request.receive().aggregate().retain()));
                });
    }

    private static Mono<byte[]> post(HttpClient client, byte[] body) {
        return client.post()
                .uri("/")
                .send(ByteBufFlux.fromInbound(Mono.just(body)))
                .responseSingle((response, content) -> content.asByteArray().defaultIfEmpty(new byte[0]));
    }

    private static byte[] random() {
        byte[] bytes = new byte[LARGE];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
