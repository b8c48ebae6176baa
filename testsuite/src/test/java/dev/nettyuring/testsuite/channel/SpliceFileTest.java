// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.SplicedPair.await;
import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.testsuite.TransportInvariants;
import dev.nettyuring.testsuite.channel.SplicedPair.Placing;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that go from a connection to a file. */
@ExtendWith(TransportInvariants.class)
class SpliceFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LARGE = 10 << 20;

    @TempDir
    Path directory;

    private Path path() {
        return directory.resolve("spliced");
    }

    /** Its number is found by its name. */
    private static FileDescriptor descriptor(Path path) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).equals(path.toRealPath());
                        } catch (IOException gone) {
                            return false;
                        }
                    })
                    .map(fd ->
                            new FileDescriptor(Integer.parseInt(fd.getFileName().toString())))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, LARGE})
    void soManyBytesGoToTheFileAndThePipelineGetsTheRest(int size) throws Exception {
        byte[] bytes = random(size + 3);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                RandomAccessFile file = new RandomAccessFile(path().toFile(), "rw")) {
            file.write(new byte[] {1, 2, 3, 4, 5});
            SpliceFuture spliced = pair.source.spliceTo(descriptor(path()), 2, size);
            pair.begun();
            Background sending = pair.send(bytes);
            await(spliced).sync();
            assertThat(spliced.transferred()).isEqualTo(size);
            byte[] written = Files.readAllBytes(path());
            assertThat(Arrays.copyOf(written, 2)).containsExactly(1, 2);
            assertThat(Arrays.copyOfRange(written, 2, 2 + size)).isEqualTo(Arrays.copyOf(bytes, size));
            assertThat(written).hasSize(Math.max(5, size + 2));
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 3);
            assertThat(pair.atSource.bytes()).isEqualTo(Arrays.copyOfRange(bytes, size, size + 3));
            sending.join();
        }
    }

    @Test
    void untilTheEndWhileTheChannelMoves() throws Exception {
        byte[] bytes = random(LARGE);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                RandomAccessFile file = new RandomAccessFile(path().toFile(), "rw")) {
            pair.source.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // not to be closed on its way
            SpliceFuture spliced = pair.source.spliceTo(file.getChannel(), 0, Long.MAX_VALUE);
            pair.begun();
            Background sending = Background.run(() -> {
                pair.sender.getOutputStream().write(bytes);
                pair.sender.shutdownOutput();
            });
            for (int i = 0; i < 30 && !spliced.isDone(); i++) {
                EventLoop next = Tcp.loops().next();
                await(pair.source.deregister()).sync();
                await(next.register(pair.source)).sync();
            }
            await(spliced).sync();
            assertThat(file.length()).isEqualTo(LARGE);
            assertThat(Files.readAllBytes(path())).isEqualTo(bytes);
            sending.join();
        }
    }

    @Test
    void closingAtAnyMomentWritesWhatWasTaken() throws Exception {
        byte[] bytes = random(2_000_000);
        Random random = new Random(1);
        for (int round = 0; round < 20; round++) {
            Files.deleteIfExists(path());
            try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                    RandomAccessFile file = new RandomAccessFile(path().toFile(), "rw")) {
                SpliceFuture spliced = pair.source.spliceTo(file.getChannel(), 0, bytes.length + 1);
                pair.begun();
                Background sending = pair.send(bytes);
                TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
                if (round % 2 == 0) {
                    await(pair.source.close());
                    assertThat(await(spliced).cause()).isInstanceOf(ClosedChannelException.class);
                } else {
                    spliced.cancel(true);
                    assertThat(await(spliced).isCancelled()).isTrue();
                }
                assertThat(file.length()).isEqualTo(spliced.transferred());
                assertThat(Files.readAllBytes(path())).isEqualTo(Arrays.copyOf(bytes, (int) file.length()));
                pair.sender.close();
                sending.endedSomehow();
            }
        }
    }

    @Test
    void aFileThatCannotBeWrittenFailsIt() throws Exception {
        Files.createFile(path());
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                RandomAccessFile file = new RandomAccessFile(path().toFile(), "r")) {
            SpliceFuture spliced = pair.source.spliceTo(descriptor(path()), 0, 3);
            pair.begun();
            pair.send(new byte[] {1, 2, 3}).join();
            assertThat(await(spliced).cause()).isInstanceOf(IOException.class).hasMessageContaining("EBADF");
            assertThat(spliced.transferred()).isZero();
            assertThat(file.length()).isZero();
            assertThatThrownBy(() -> pair.source.spliceTo(new FileDescriptor(0), -1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offset: -1");
            file.close();
            assertThatThrownBy(() -> pair.source.spliceTo(file.getChannel(), 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected: open");
        }
    }
}
