// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vert.x on io_uring, whatever its version. */
public class UringTransportTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long LIMIT_SECONDS = 60;
    private static final int LARGE = 1 << 20;
    private static final int USER_TIMEOUT_MILLIS = 12_345;

    private final Vertx vertx =
            Vertx.builder().withTransport(new UringTransport()).build();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        get(vertx.close());
    }

    @Test
    void theTransportIsInUse() {
        UringTransport transport = new UringTransport();
        assertThat(transport.available()).isTrue();
        assertThat(transport.unavailabilityCause()).isNull();
        assertThat(vertx.isNativeTransportEnabled()).isTrue();
    }

    @Test
    void tcpEchoesWithTheOptionsThatWereAskedFor() throws Exception {
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        NetServerOptions serverOptions = new NetServerOptions()
                .setReusePort(true)
                .setTcpUserTimeout(USER_TIMEOUT_MILLIS)
                .setTcpKeepAlive(true)
                .setHost(LOOPBACK)
                .setPort(0);
        NetServer server = echo(vertx.createNetServer(serverOptions), accepted);
        get(server.listen());

        NetClientOptions clientOptions = new NetClientOptions().setTcpUserTimeout(USER_TIMEOUT_MILLIS);
        NetClient client = vertx.createNetClient(clientOptions);
        NetSocket socket = get(client.connect(server.actualPort(), LOOPBACK));
        echoes(socket);

        Channel child = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(child).isInstanceOf(UringSocketChannel.class);
        for (Channel channel : new Channel[] {child, channel(socket)}) {
            assertThat(channel.config().getOption(UringChannelOption.TCP_USER_TIMEOUT))
                    .isEqualTo(USER_TIMEOUT_MILLIS);
        }
        assertThat(child.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(child.parent().config().getOption(UringChannelOption.SO_REUSEPORT))
                .isTrue();
        get(client.close()); // which it would do by itself if nobody had it any more
    }

    @Test
    void unixDomainSocketsEcho() throws Exception {
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        SocketAddress address =
                SocketAddress.domainSocketAddress(folder.resolve("echo").toString());
        NetServer server = echo(vertx.createNetServer(), accepted);
        get(server.listen(address));

        NetClient client = vertx.createNetClient();
        NetSocket socket = get(client.connect(address));
        assertThat(socket.remoteAddress().path()).isEqualTo(address.path());
        echoes(socket);

        assertThat(accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isInstanceOf(UringDomainSocketChannel.class);
        get(client.close());
    }

    @Test
    void datagramsArrive() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        DatagramSocket receiver = get(vertx.createDatagramSocket()
                .handler(packet -> received.add(packet.data().toString()))
                .listen(0, LOOPBACK));
        DatagramSocket sender = vertx.createDatagramSocket();
        get(sender.send("datagram", receiver.localAddress().port(), LOOPBACK));
        assertThat(received.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("datagram");
        get(sender.close());
        get(receiver.close());
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1,false", "HTTP_1_1,true", "HTTP_2,false", "HTTP_2,true"})
    void httpAnswers(HttpVersion version, boolean tls) throws Exception {
        HttpServerOptions serverOptions =
                new HttpServerOptions().setHost(LOOPBACK).setPort(0);
        HttpClientOptions clientOptions = new HttpClientOptions()
                .setProtocolVersion(version)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultHost(LOOPBACK);
        if (tls) {
            serverOptions.setSsl(true).setUseAlpn(true).setKeyCertOptions(certificate());
            clientOptions.setSsl(true).setUseAlpn(true).setTrustAll(true).setVerifyHost(false);
        }
        HttpServer server = vertx.createHttpServer(serverOptions)
                .requestHandler(request -> request.body().onSuccess(body -> request.response()
                        .putHeader("version", request.version().name())
                        .end(body)));
        get(server.listen());
        HttpClient client = vertx.createHttpClient(clientOptions);

        Buffer body = random();
        for (int i = 0; i < 3; i++) {
            Buffer answer = get(client.request(HttpMethod.POST, server.actualPort(), LOOPBACK, "/")
                    .compose(request -> request.send(body))
                    .compose(response -> {
                        assertThat(response.getHeader("version")).isEqualTo(version.name());
                        return response.body();
                    }));
            assertThat(answer.equals(body)).isTrue();
        }
        get(client.close());
    }

    private static NetServer echo(NetServer server, BlockingQueue<Channel> accepted) {
        return server.connectHandler(socket -> {
            accepted.add(channel(socket));
            socket.pipeTo(socket);
        });
    }

    private static void echoes(NetSocket socket) throws Exception {
        Buffer sent = random();
        Buffer received = Buffer.buffer();
        BlockingQueue<Buffer> whole = new LinkedBlockingQueue<>();
        socket.handler(piece -> {
            received.appendBuffer(piece);
            if (received.length() >= sent.length()) {
                whole.add(received);
            }
        });
        socket.write(sent);
        assertThat(sent.equals(whole.poll(LIMIT_SECONDS, TimeUnit.SECONDS))).isTrue();
    }

    private static Channel channel(NetSocket socket) {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }

    private static Buffer random() {
        byte[] bytes = new byte[LARGE];
        new Random(1).nextBytes(bytes);
        return Buffer.buffer(bytes);
    }

    private static PemKeyCertOptions certificate() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        return new PemKeyCertOptions()
                .setKeyValue(Buffer.buffer(bundle.getPrivateKeyPEM()))
                .setCertValue(Buffer.buffer(bundle.getCertificatePEM()));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
