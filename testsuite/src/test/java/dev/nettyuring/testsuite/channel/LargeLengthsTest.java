// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringFile;
import dev.nettyuring.testsuite.TransportInvariants;
import dev.nettyuring.testsuite.channel.SplicedPair.Placing;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lengths and offsets beyond 2 and 4 GiB, in files full of holes. To move so many bytes takes seconds: that is done with
 * {@code -Dlarge.transfers=true} only.
 */
@ExtendWith(TransportInvariants.class)
class LargeLengthsTest {
    private static final long GIB = 1L << 30;
    private static final long LARGE = 4 * GIB + 12_345;
    private static final int BEGINNING = 3 << 20;
    private static final int LIMIT_SECONDS = 20;
    private static final int LONG_LIMIT_SECONDS = 600;

    @TempDir
    private Path folder;

    private Path sparse(long length) throws IOException {
        Path path = folder.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(length);
        }
        return path;
    }

    private static <F extends Future<?>> F done(F future, int seconds) throws InterruptedException {
        assertThat(future.await(seconds, TimeUnit.SECONDS)).as("done").isTrue();
        return future;
    }

    @Test
    void aRegionOfMoreThanFourGibIsCountedAsFarAsItWent() throws Exception {
        DefaultFileRegion region = new DefaultFileRegion(sparse(LARGE).toFile(), 0, LARGE);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            region.retain();
            ChannelFuture written = pair.target.writeAndFlush(region);
            assertThat(pair.receive(BEGINNING)).containsOnly(0);
            assertThat(written.cause()).isNull();
            assertThat(written.isDone()).isFalse();
            pair.target.close().sync();
            assertThat(done(written, LIMIT_SECONDS).isSuccess()).isFalse();
            assertThat(region.transferred()).isBetween((long) BEGINNING, LARGE);
            assertThat(region.count()).isEqualTo(LARGE);
        } finally {
            region.release();
        }
    }

    @Test
    void aSpliceOfMoreThanFourGibEndsWithTheStreamBeforeThat() throws Exception {
        byte[] bytes = random(100_000);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            pair.source.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            SpliceFuture spliced = pair.splice(LARGE);
            pair.send(bytes).join();
            pair.sender.shutdownOutput();
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            assertThat(done(spliced, LIMIT_SECONDS).isSuccess()).isFalse();
            assertThat(spliced.transferred()).isEqualTo(bytes.length);
        }
    }

    @Test
    void aSpliceToAFileBeginsBeyondFourGib() throws Exception {
        byte[] bytes = random(200_000);
        Path path = sparse(1);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            SpliceFuture spliced = pair.source.spliceTo(file.getChannel(), LARGE, bytes.length);
            pair.begun();
            pair.send(bytes).join();
            done(spliced, LIMIT_SECONDS).sync();
            assertThat(file.length()).isEqualTo(LARGE + bytes.length);
            byte[] written = new byte[bytes.length];
            file.seek(LARGE);
            file.readFully(written);
            assertThat(written).isEqualTo(bytes);
        }
    }

    @Test
    void lengthsAndPositionsBelowZeroAreNamed() throws Exception {
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP);
                RandomAccessFile file = new RandomAccessFile(sparse(1).toFile(), "rw")) {
            assertThatThrownBy(() -> pair.source.spliceTo(pair.target, -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("length: -1");
            assertThatThrownBy(() -> pair.source.spliceTo(file.getChannel(), -2, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offset: -2");
        }
        UringFile file = UringFile.open(
                        Tcp.loops().next(), folder.resolve("sparse"), StandardOpenOption.READ, StandardOpenOption.WRITE)
                .sync()
                .getNow();
        ByteBuf buffer = file.alignedBuffer(8);
        assertThatThrownBy(() -> file.read(buffer, -3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position : -3");
        assertThatThrownBy(() -> file.truncate(-4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("size : -4");
        assertThatThrownBy(() -> file.alignedBuffer(-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes : -5");
        // the kernel's own check: nothing can be written behind the last offset there is
        assertThat(done(file.write(buffer.writeLong(1), Long.MAX_VALUE), LIMIT_SECONDS)
                        .cause())
                .isInstanceOf(IOException.class);
        buffer.release();
        done(file.close(), LIMIT_SECONDS);
        assertThat(Files.size(folder.resolve("sparse"))).isOne();
    }

    @Test
    @Timeout(LONG_LIMIT_SECONDS)
    @EnabledIfSystemProperty(named = "large.transfers", matches = "true")
    void allOfARegionAndASpliceOfMoreThanFourGib() throws Exception {
        DefaultFileRegion region = new DefaultFileRegion(sparse(LARGE).toFile(), 0, LARGE);
        region.retain();
        try (SplicedPair pair = new SplicedPair(Placing.TWO_LOOPS)) {
            ChannelFuture written = pair.target.writeAndFlush(region);
            assertThat(read(pair.receiver.getInputStream())).isEqualTo(LARGE);
            done(written, LIMIT_SECONDS).sync();
            assertThat(region.transferred()).isEqualTo(LARGE);
            SpliceFuture spliced = pair.splice(LARGE);
            Background sending = Background.run(() -> write(pair.sender.getOutputStream()));
            assertThat(read(pair.receiver.getInputStream())).isEqualTo(LARGE);
            done(spliced, LIMIT_SECONDS).sync();
            assertThat(spliced.transferred()).isEqualTo(LARGE);
            sending.endedSomehow();
        } finally {
            region.release();
        }
    }

    private static long read(InputStream in) throws IOException {
        byte[] chunk = new byte[1 << 20];
        long sum = 0;
        for (int count = 0; sum < LARGE && count >= 0; sum += count) {
            count = in.read(chunk, 0, (int) Math.min(chunk.length, LARGE - sum));
        }
        return sum;
    }

    private static void write(OutputStream out) throws IOException {
        byte[] chunk = new byte[1 << 20];
        for (long left = LARGE; left > 0; left -= chunk.length) {
            out.write(chunk, 0, (int) Math.min(chunk.length, left));
        }
    }
}
