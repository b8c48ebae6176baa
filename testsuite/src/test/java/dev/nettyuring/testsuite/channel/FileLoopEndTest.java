// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.UringFileTest.done;
import static dev.nettyuring.testsuite.channel.UringFileTest.got;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringFile;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What waits in the kernel's threads for files, how many those are, and that a loop's end ends it all. */
@ExtendWith(TransportInvariants.class)
class FileLoopEndTest {
    private static final int WORKERS = 2;

    @TempDir
    Path folder;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1,
            UringIoHandler.newFactory(UringConfig.builder().fileWorkers(WORKERS).build()));
    private final EventLoop loop = group.next();
    private final UringMetrics metrics = UringMetrics.of(loop);

    @AfterEach
    void endTheLoop() throws Exception {
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
                .isTrue();
        assertThat(metrics.operationsInFlight()).isZero();
        assertThat(OpenDescriptors.under(folder)).isEmpty();
    }

    private Path pipe() throws Exception {
        Path fifo = folder.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        return fifo;
    }

    /** Creating is never tried without waiting; opening a pipe to write to it then waits for somebody who reads. */
    private List<Future<UringFile>> openForNobody(Path fifo, int times) {
        List<Future<UringFile>> opened = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            opened.add(UringFile.open(loop, fifo, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        }
        return opened;
    }

    @Test
    void fewThreadsWaitAndTheLoopDoesNot() throws Exception {
        String threadId = loop.submit(KernelWorkers::threadId).sync().getNow();
        List<Future<UringFile>> opened = openForNobody(pipe(), 100);
        int most = 0;
        for (int i = 0; i < 50; i++) {
            loop.submit(() -> {}).sync();
            most = Math.max(most, KernelWorkers.count(threadId));
            TimeUnit.MILLISECONDS.sleep(2);
        }
        assertThat(most).isBetween(1, WORKERS);
        assertThat(opened).noneMatch(Future::isDone);
        for (Future<UringFile> open : opened) {
            assertThat(open.cancel(true)).isTrue();
        }
        for (Future<UringFile> open : opened) {
            assertThat(done(open).isCancelled()).isTrue();
        }
    }

    @Test
    void theirEndIsTheLoops() throws Exception {
        Path fifo = pipe();
        UringFile file =
                got(UringFile.open(loop, folder.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try (RandomAccessFile writer = new RandomAccessFile(fifo.toFile(), "rw")) {
            UringFile pipe = got(UringFile.open(loop, fifo));
            ByteBuf buffer = Unpooled.directBuffer(10);
            Future<ByteBuf> read = pipe.read(buffer, 0);
            loop.submit(() -> {}).sync();
            endTheLoop0();
            assertThat(done(read).cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(buffer.release()).isTrue();
            assertThat(writer.getFD().valid()).isTrue();
        }
        assertThat(file.isOpen()).isFalse();
        got(file.close());
        ByteBuf buffer = Unpooled.directBuffer(1).writeByte(1);
        assertThat(done(file.write(buffer, 0)).cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(buffer.release()).isTrue();
        assertThatThrownBy(() -> got(UringFile.open(loop, folder.resolve("file"))))
                .isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
    }

    @Test
    void whatIsBeingOpenedEndsAsWell() throws Exception {
        List<Future<UringFile>> opened = openForNobody(pipe(), 10);
        loop.submit(() -> {}).sync();
        endTheLoop0();
        assertThat(opened).allMatch(open -> open.isDone() && open.cause() instanceof ClosedChannelException);
    }

    private void endTheLoop0() throws InterruptedException {
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
                .isTrue();
    }
}
