// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce and Redis. */
class LettuceTest {
    private static final int COMMANDS = 2_000;
    private static RedisServer server;

    private final Queue<Class<? extends Channel>> channels = new ConcurrentLinkedQueue<>();
    private final UringRedisClient.Loops loops = new UringRedisClient.Loops(2);
    private final ClientResources resources = ClientResources.builder()
            .eventLoopGroupProvider(loops)
            .nettyCustomizer(new NettyCustomizer() {
                @Override
                public void afterChannelInitialized(Channel channel) {
                    channels.add(channel.getClass());
                }
            })
            .build();
    private RedisClient client;

    @BeforeAll
    static void install() throws Exception {
        server = new RedisServer();
    }

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void shutDown() throws Exception {
        client.shutdown(0, Limits.SECONDS, TimeUnit.SECONDS);
        resources.shutdown(0, Limits.SECONDS, TimeUnit.SECONDS).get(Limits.SECONDS, TimeUnit.SECONDS);
        assertThat(loops.shutdown(0, Limits.SECONDS, TimeUnit.SECONDS).get(Limits.SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void commandsArePipelined(Family family) {
        client = client(family);
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisAsyncCommands<String, String> commands = connection.async();
            commands.del("counter");
            connection.setAutoFlushCommands(false);
            List<RedisFuture<Long>> counts = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                counts.add(commands.incr("counter"));
            }
            connection.flushCommands();

            assertThat(LettuceFutures.awaitAll(Limits.DURATION, counts.toArray(RedisFuture[]::new)))
                    .isTrue();
            for (int i = 0; i < COMMANDS; i++) {
                assertThat(counts.get(i).toCompletableFuture().join()).isEqualTo(i + 1);
            }
        }
        assertThat(channels).containsExactly(family.channel);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void largeValuesComeBack(Family family) {
        client = client(family);
        byte[] key = {1};
        byte[] value = Limits.large();
        try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().set(key, value);
            assertThat(connection.sync().get(key)).isEqualTo(value);
        }
        assertThat(channels).containsExactly(family.channel);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void subscribersAreTold(Family family) throws Exception {
        client = client(family);
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        try (StatefulRedisPubSubConnection<String, String> subscriber = client.connectPubSub();
                StatefulRedisConnection<String, String> publisher = client.connect()) {
            subscriber.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String channel, String message) {
                    messages.add(message);
                }
            });
            subscriber.sync().subscribe("news");
            publisher.sync().publish("news", "told");
            assertThat(messages.poll(Limits.SECONDS, TimeUnit.SECONDS)).isEqualTo("told");
        }
        assertThat(channels).containsExactly(family.channel, family.channel);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aServersDeathFailsWhatIsPending(Family family) throws Exception {
        client = client(family);
        client.setOptions(ClientOptions.builder().autoReconnect(false).build());
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            RedisFuture<KeyValue<String, String>> pending = connection.async().blpop(0, "never");
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(Limits.SECONDS);
            while (!other.sync().info("clients").contains("blocked_clients:1") && System.nanoTime() < limit) {
                Thread.sleep(10);
            }
            server.kill();

            assertThat(pending.await(Limits.SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(pending.toCompletableFuture()).isCompletedExceptionally();
            assertThat(connection.isOpen()).isFalse();
        }
        assertThat(channels).containsExactly(family.channel, family.channel);
        server.awaitEnd();
        assertThatThrownBy(client::connect).isInstanceOf(RedisConnectionException.class);
    }

    @Test
    void itReconnectsOnIoUring() throws Exception {
        client = client(Family.TCP);
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().ping()).isEqualTo("PONG");
            server.kill();
            server.awaitEnd();
            server.start();
            assertThat(connection.sync().ping()).isEqualTo("PONG");
        }
        assertThat(channels).hasSizeGreaterThan(1).containsOnly(UringSocketChannel.class);
    }

    private RedisClient client(Family family) {
        return new UringRedisClient(resources, family.uri(server));
    }

    private enum Family {
        TCP(UringSocketChannel.class) {
            @Override
            RedisURI uri(RedisServer server) {
                return RedisURI.builder()
                        .withHost("127.0.0.1")
                        .withPort(server.port())
                        .withTimeout(Limits.DURATION)
                        .build();
            }
        },
        UNIX(UringDomainSocketChannel.class) {
            @Override
            RedisURI uri(RedisServer server) {
                return RedisURI.Builder.socket(server.file().toString())
                        .withTimeout(Limits.DURATION)
                        .build();
            }
        };

        final Class<? extends Channel> channel;

        Family(Class<? extends Channel> channel) {
            this.channel = channel;
        }

        abstract RedisURI uri(RedisServer server);
    }
}
