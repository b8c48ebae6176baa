// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.ServerAddress;
import com.mongodb.connection.TransportSettings;
import com.mongodb.reactivestreams.client.MongoClient;
import com.mongodb.reactivestreams.client.MongoClients;
import com.mongodb.reactivestreams.client.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** MongoDB's driver, with a server in Java. */
class MongoTest {
    private static final int DOCUMENTS = 2_000;
    private static final int SELECTION_MILLIS = 2_000;

    private final MongoServer server = new MongoServer(new MemoryBackend());
    private final RecordedGroup loops = new RecordedGroup();
    private final MongoClient client = client(loops, server.bind());

    // sample
    static MongoClient client(EventLoopGroup loops, InetSocketAddress server) {
        return MongoClients.create(MongoClientSettings.builder()
                .transportSettings(TransportSettings.nettyBuilder()
                        .eventLoopGroup(loops)
                        .socketChannelClass(UringSocketChannel.class)
                        .build())
                .applyToClusterSettings(cluster -> cluster.hosts(List.of(new ServerAddress(server)))
                        .serverSelectionTimeout(SELECTION_MILLIS, TimeUnit.MILLISECONDS))
                .build());
    }
    // end of the sample

    @AfterEach
    void end() throws Exception {
        client.close();
        server.shutdownNow();
        loops.end();
    }

    @Test
    void documentsComeBack() {
        MongoCollection<Document> collection = collection();
        List<Document> documents = IntStream.range(0, DOCUMENTS)
                .mapToObj(i -> new Document("_id", i).append("text", "number " + i))
                .toList();
        Flux.fromIterable(documents).flatMap(collection::insertOne, 64).blockLast(Limits.DURATION);

        List<Document> found = Flux.from(
                        collection.find().sort(new Document("_id", 1)).batchSize(100))
                .collectList()
                .block(Limits.DURATION);
        assertThat(found).isEqualTo(documents);
        assertThat(loops.channels).isNotEmpty().containsOnly(UringSocketChannel.class);
    }

    @Test
    void largeValuesComeBack() {
        MongoCollection<Document> collection = collection();
        byte[] value = Limits.large();
        Mono.from(collection.insertOne(new Document("_id", 1).append("value", new Binary(value))))
                .block(Limits.DURATION);
        Document found = Mono.from(collection.find()).block(Limits.DURATION);
        assertThat(found.get("value", Binary.class).getData()).isEqualTo(value);
    }

    @Test
    void aServersDeathIsAnError() {
        MongoCollection<Document> collection = collection();
        Mono.from(collection.insertOne(new Document("_id", 1))).block(Limits.DURATION);
        server.shutdownNow();
        assertThatThrownBy(() -> Mono.from(collection.find()).block(Limits.DURATION))
                .isInstanceOf(MongoException.class);
    }

    private MongoCollection<Document> collection() {
        return client.getDatabase("test").getCollection("things");
    }
}
