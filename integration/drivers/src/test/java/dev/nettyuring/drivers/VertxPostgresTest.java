// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.vertx.UringTransport;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Vert.x's client for PostgreSQL. */
class VertxPostgresTest {
    private static final int QUERIES = 5_000;
    private static PostgresServer server;

    private final Vertx vertx =
            Vertx.builder().withTransport(new UringTransport()).build();

    @BeforeAll
    static void install() throws Exception {
        server = new PostgresServer();
    }

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        get(vertx.close());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void queriesArePipelined(Family family) throws Exception {
        SqlConnection connection = connect(family);
        List<Future<RowSet<Row>>> answers = new ArrayList<>();
        for (int i = 0; i < QUERIES; i++) {
            answers.add(connection.preparedQuery("SELECT $1::int + 1").execute(Tuple.of(i)));
        }
        for (int i = 0; i < QUERIES; i++) {
            assertThat(get(answers.get(i)).iterator().next().getInteger(0)).isEqualTo(i + 1);
        }
        get(connection.close());
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void largeValuesComeBack(Family family) throws Exception {
        SqlConnection connection = connect(family);
        Buffer value = Buffer.buffer(Limits.large());
        Row row = get(connection.preparedQuery("SELECT $1::bytea").execute(Tuple.of(value)))
                .iterator()
                .next();
        assertThat(row.getBuffer(0).getBytes()).isEqualTo(value.getBytes());
        get(connection.close());
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aServersDeathFailsWhatIsPending(Family family) throws Exception {
        SqlConnection connection = connect(family);
        Future<RowSet<Row>> sleep = connection.query("SELECT pg_sleep(600)").execute();
        server.kill();
        assertThatThrownBy(() -> get(sleep)).isInstanceOf(ExecutionException.class);
        server.awaitEnd();
        assertThatThrownBy(() -> connect(family)).isInstanceOf(ExecutionException.class);
    }

    private SqlConnection connect(Family family) throws Exception {
        PgConnectOptions options = new PgConnectOptions()
                .setPort(server.port())
                .setHost(family == Family.UNIX ? server.folder().toString() : "127.0.0.1")
                .setUser(PostgresServer.USER)
                .setDatabase("postgres")
                .setCachePreparedStatements(true)
                .setPipeliningLimit(256);
        SqlConnection connection = get(PgConnection.connect(vertx, options));
        assertThat(channel(connection)).isInstanceOf(family.channel);
        return connection;
    }

    private static Channel channel(SqlConnection connection) {
        var inner = ((SqlConnectionInternal) connection).unwrap().unwrap();
        return ((SocketConnectionBase) inner).socket().channelHandlerContext().channel();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(Limits.SECONDS, TimeUnit.SECONDS);
    }

    private enum Family {
        TCP(UringSocketChannel.class),
        UNIX(UringDomainSocketChannel.class);

        final Class<? extends Channel> channel;

        Family(Class<? extends Channel> channel) {
            this.channel = channel;
        }
    }
}
