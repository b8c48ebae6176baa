// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.reactor.UringLoopResources;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** R2DBC PostgreSQL. */
class R2dbcTest {
    private static final int QUERIES = 2_000;
    /** As many as a connection takes by default, about. */
    private static final int IN_FLIGHT = 200;

    private static final int ROWS = 20_000;
    private static PostgresServer server;

    private final RecordedLoops loops = new RecordedLoops(UringLoopResources.create("r2dbc", 2, true));

    @BeforeAll
    static void install() throws Exception {
        server = new PostgresServer();
    }

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void dispose() {
        loops.disposeLater(Duration.ZERO, Limits.DURATION).block(Limits.DURATION);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void queriesArePipelined(Family family) {
        PostgresqlConnection connection = connect(family);
        List<Integer> answers = Flux.range(0, QUERIES)
                .flatMapSequential(
                        i -> connection
                                .createStatement("SELECT $1::int + 1")
                                .bind("$1", i)
                                .execute()
                                .flatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class))),
                        IN_FLIGHT)
                .collectList()
                .block(Limits.DURATION);

        assertThat(answers).isEqualTo(IntStream.rangeClosed(1, QUERIES).boxed().toList());
        close(connection);
        assertThat(loops.channels).containsExactly(family.channel);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void largeValuesComeBack(Family family) {
        PostgresqlConnection connection = connect(family);
        byte[] value = Limits.large();
        byte[] answer = connection
                .createStatement("SELECT $1::bytea")
                .bind("$1", value)
                .execute()
                .flatMap(result -> result.map((row, metadata) -> row.get(0, byte[].class)))
                .blockLast(Limits.DURATION);

        assertThat(answer).isEqualTo(value);
        close(connection);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void manyRowsAreReadAsTheyAreAskedFor(Family family) {
        PostgresqlConnection connection = connect(family);
        Long sum = connection
                .createStatement("SELECT i FROM generate_series(1, " + ROWS + ") AS i")
                .fetchSize(1000)
                .execute()
                .flatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                .limitRate(100)
                .reduce(0L, Long::sum)
                .block(Limits.DURATION);

        assertThat(sum).isEqualTo(ROWS * (ROWS + 1L) / 2);
        close(connection);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aServersDeathFailsWhatIsPending(Family family) throws Exception {
        PostgresqlConnection connection = connect(family);
        Flux<?> sleep =
                connection.createStatement("SELECT pg_sleep(600)").execute().flatMap(result -> result.getRowsUpdated());
        Mono<Void> kill = Mono.fromRunnable(server::kill);

        assertThatThrownBy(() -> Flux.merge(sleep, kill.then(Mono.never())).blockLast(Limits.DURATION))
                .isInstanceOf(R2dbcException.class);
        server.awaitEnd();
        assertThatThrownBy(() -> connect(family)).isInstanceOf(R2dbcException.class);
        assertThat(loops.channels).isNotEmpty().containsOnly(family.channel);
    }

    private static void close(PostgresqlConnection connection) {
        connection.close().block(Limits.DURATION);
    }

    private PostgresqlConnection connect(Family family) {
        PostgresqlConnectionConfiguration.Builder configuration = options(loops);
        if (family == Family.UNIX) {
            configuration.socket(server.file().toString());
        } else {
            configuration.host("127.0.0.1").port(server.port());
        }
        return new PostgresqlConnectionFactory(configuration.build()).create().block(Limits.DURATION);
    }

    // sample
    /** With {@code UringLoopResources.create("r2dbc")}; then host and port, or a Unix domain socket by {@code socket(file)}. */
    static PostgresqlConnectionConfiguration.Builder options(LoopResources loops) {
        return PostgresqlConnectionConfiguration.builder()
                .loopResources(loops)
                .username("postgres")
                .database("postgres");
    }
    // end of the sample

    private enum Family {
        TCP(UringSocketChannel.class),
        UNIX(UringDomainSocketChannel.class);

        final Class<?> channel;

        Family(Class<?> channel) {
            this.channel = channel;
        }
    }
}
