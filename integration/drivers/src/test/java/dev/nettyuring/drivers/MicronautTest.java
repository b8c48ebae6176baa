// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.client.HttpClient;
import io.micronaut.http.client.exceptions.HttpClientException;
import io.micronaut.http.client.netty.NettyClientCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Micronaut's HTTP server and client. */
class MicronautTest {
    private static final int REQUESTS = 200;

    @TempDir
    Path folder;

    @Controller
    static class Echo {
        @Post(value = "/echo", consumes = MediaType.ALL, produces = MediaType.APPLICATION_OCTET_STREAM)
        byte[] echo(@Body byte[] body) {
            return body;
        }

        @Get(value = "/hello", produces = MediaType.TEXT_PLAIN)
        String hello() {
            return "hello";
        }
    }

    /** Says what channels the servers and clients have. */
    @Singleton
    static class Channels {
        final Queue<Class<?>> servers = new ConcurrentLinkedQueue<>();
        final Queue<Class<?>> clients = new ConcurrentLinkedQueue<>();
    }

    @Singleton
    record ServerChannels(Channels channels) implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
        @Override
        public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
            event.getBean().register(new NettyServerCustomizer() {
                @Override
                public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
                    channels.servers.add(channel.getClass());
                    return this;
                }
            });
            return event.getBean();
        }
    }

    @Singleton
    record ClientChannels(Channels channels) implements BeanCreatedEventListener<NettyClientCustomizer.Registry> {
        @Override
        public NettyClientCustomizer.Registry onCreated(BeanCreatedEvent<NettyClientCustomizer.Registry> event) {
            event.getBean().register(new NettyClientCustomizer() {
                @Override
                public NettyClientCustomizer specializeForChannel(Channel channel, ChannelRole role) {
                    channels.clients.add(channel.getClass());
                    return this;
                }
            });
            return event.getBean();
        }
    }

    @Test
    void requestsAreAnswered() {
        try (EmbeddedServer server = run(Map.of("micronaut.server.host", "127.0.0.1", "micronaut.server.port", -1));
                HttpClient client = server.getApplicationContext().createBean(HttpClient.class, server.getURL())) {
            byte[] large = Limits.large();
            assertThat(Flux.from(client.retrieve(HttpRequest.POST("/echo", large), byte[].class))
                            .blockLast(Limits.DURATION))
                    .isEqualTo(large);
            List<String> answers = Flux.range(0, REQUESTS)
                    .flatMap(i -> client.retrieve("/hello"), 8)
                    .collectList()
                    .block(Limits.DURATION);
            assertThat(answers).hasSize(REQUESTS).containsOnly("hello");

            Channels channels = server.getApplicationContext().getBean(Channels.class);
            assertThat(channels.servers).contains(UringServerSocketChannel.class, UringSocketChannel.class);
            assertThat(channels.servers).containsOnly(UringServerSocketChannel.class, UringSocketChannel.class);
            assertThat(channels.clients).isNotEmpty().containsOnly(UringSocketChannel.class);

            server.stop();
            assertThatThrownBy(() -> Flux.from(client.retrieve("/hello")).blockLast(Limits.DURATION))
                    .isInstanceOf(HttpClientException.class);
        }
    }

    @Test
    void unixDomainSocketsServe() throws Exception {
        Path file = folder.resolve("http");
        try (EmbeddedServer server = run(Map.of(
                        "micronaut.server.netty.listeners.file.family",
                        "UNIX",
                        "micronaut.server.netty.listeners.file.path",
                        file.toString()));
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(file));
            client.write(ByteBuffer.wrap("GET /hello HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes()));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            while (client.read(answer) >= 0 && answer.hasRemaining()) {}
            assertThat(new String(answer.array(), 0, answer.position()))
                    .startsWith("HTTP/1.")
                    .endsWith("hello");
            assertThat(server.getApplicationContext().getBean(Channels.class).servers)
                    .contains(UringServerDomainSocketChannel.class, UringDomainSocketChannel.class);
        }
    }

    private static EmbeddedServer run(Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("micronaut.netty.event-loops.default.transport", "uring");
        all.put("micronaut.netty.event-loops.default.num-threads", 2);
        all.put("micronaut.netty.event-loops.parent.transport", "uring");
        all.put("micronaut.netty.event-loops.parent.num-threads", 1);
        all.put("micronaut.server.max-request-size", "16MB");
        all.put("micronaut.http.client.max-content-length", "16MB");
        return ApplicationContext.run(EmbeddedServer.class, all);
    }
}
