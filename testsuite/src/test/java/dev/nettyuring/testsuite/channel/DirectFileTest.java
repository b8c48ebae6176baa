// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.UringFileTest.done;
import static dev.nettyuring.testsuite.channel.UringFileTest.got;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.nio.file.ExtendedOpenOption;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringFile;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files that are read and written past the page cache. */
@ExtendWith(TransportInvariants.class)
class DirectFileTest {
    private static final int BYTES = 1 << 20;

    @TempDir
    Path folder;

    private final EventLoop loop = Tcp.loops().next();
    private UringFile file;

    @BeforeEach
    void open() throws Exception {
        Future<UringFile> opened = done(UringFile.open(
                loop,
                folder.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                ExtendedOpenOption.DIRECT));
        assumeTrue(opened.isSuccess(), () -> "the file system has no O_DIRECT: " + opened.cause());
        file = opened.getNow();
    }

    @AfterEach
    void close() throws Exception {
        if (file != null) {
            got(file.close());
        }
    }

    @Test
    void alignedBuffersAreReadAndWritten() throws Exception {
        byte[] bytes = TestBytes.random(BYTES);
        assertThat(file.alignment()).isGreaterThanOrEqualTo(512);
        ByteBuf out = file.alignedBuffer(BYTES).writeBytes(bytes);
        assertThat(out.capacity()).isEqualTo(BYTES);
        got(file.write(out, 3L * file.alignment()));
        assertThat(out.release()).isTrue();
        ByteBuf in = file.alignedBuffer(2 * BYTES);
        got(file.read(in, 3L * file.alignment()));
        assertThat(ByteBufUtil.getBytes(in)).isEqualTo(bytes);
        assertThat(in.release()).isTrue();
        assertThat(Files.size(file.path())).isEqualTo(3L * file.alignment() + BYTES);
    }

    @Test
    void theirMemoryIsRegistered() throws Exception {
        assumeTrue(Uring.features().contains(Feature.FIXED_BUFFERS), "registered memory is switched off");
        ByteBuf buffer = file.alignedBuffer(64 << 10).writeZero(64 << 10);
        got(file.write(buffer, 0));
        buffer.release();
        assumeTrue(UringMetrics.of(loop).registeredMemory() > 0, "RLIMIT_MEMLOCK");
        UringFile copied = got(UringFile.open(loop, file.path(), StandardOpenOption.READ));
        ByteBuf again = UringByteBufAllocator.DEFAULT.directBuffer(64 << 10);
        assertThat(got(copied.read(again, 0)).readableBytes()).isEqualTo(64 << 10);
        again.release();
        got(copied.close());
    }

    @Test
    void whatIsNotAlignedIsRefusedWithWhatWouldDo() throws Exception {
        int alignment = file.alignment();
        ByteBuf buffer = file.alignedBuffer(2 * alignment).writeZero(2 * alignment);
        assertThatThrownBy(() -> file.write(buffer, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("position: 1 (expected: a multiple of " + alignment + ", for direct access)");
        assertThatThrownBy(() -> file.write(buffer.slice(0, alignment + 1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("length: " + (alignment + 1) + " (expected: a multiple of " + alignment
                        + ", for direct access)");
        assertThatThrownBy(() -> file.write(buffer.slice(1, alignment), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("alignedBuffer()");
        ByteBuf empty = buffer.clear();
        assertThatThrownBy(() -> file.read(empty.slice(0, 100).clear(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length: 100");
        buffer.release();
        ByteBuf heap = Unpooled.buffer(alignment);
        assertThatThrownBy(() -> file.read(heap, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
