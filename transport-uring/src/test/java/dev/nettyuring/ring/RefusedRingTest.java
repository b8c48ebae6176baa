// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ring that the kernel takes no more calls for: those of another thread than its own are refused. */
class RefusedRingTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final OpenRing open = new OpenRing();
    private final Ring ring = open.ring;
    private final RecordedOperation taken = RecordedOperation.poll(open.silentFd, SocketAbi.POLLIN);
    private final RecordedOperation notTaken = RecordedOperation.poll(open.silentFd, SocketAbi.POLLIN);
    private final int closedLater = eventFd();
    private final int fileClosedLater = eventFd();
    private final RecordedOperation fileClose =
            new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_CLOSE, fileClosedLater));

    RefusedRingTest() throws IOException {}

    private static int eventFd() {
        return Native.eventfd(0, SocketAbi.EFD_CLOEXEC);
    }

    private static boolean isOpen(int fd) {
        return Native.fcntl(fd, SocketAbi.F_GETFL, 0) >= 0;
    }

    @BeforeEach
    void beRefused() throws InterruptedException {
        taken.submitTo(ring);
        ring.enter();
        notTaken.submitTo(ring);
        ring.closeFd(closedLater);
        fileClose.submitTo(ring);
        Thread other = new Thread(ring::enter);
        other.start();
        other.join();
        assertThat(ring.isRefused()).isTrue();
    }

    @AfterEach
    void close() {
        open.wakeup.close();
        ring.close();
        Native.close(open.silentFd);
    }

    @Test
    void itSaysSoAndTakesNothing() throws Exception {
        assertThatThrownBy(ring::ensureUsable)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("io_uring_enter: ");
        assertThatThrownBy(() -> ring.enterAndWait(0)).isInstanceOf(IllegalStateException.class);
        RecordedOperation late = RecordedOperation.nop();
        assertThatThrownBy(() -> late.submitTo(ring)).isInstanceOf(IllegalStateException.class);
        assertThat(late.isInFlight()).isFalse();
        ring.enter();
        ring.cancel(taken);
        assertThat(ring.settle(taken)).isFalse();
        assertThat(ring.hasSubmissions() || ring.needsEnter()).isFalse();
        assertThat(ring.operationsInFlight()).isEqualTo(3);
        assertThat(ring.abandon(LIMIT_NANOS)).isTrue();
    }

    @Test
    void whatIsToBeClosedIsClosedWithoutIt() throws Exception {
        int closedAtOnce = eventFd();
        ring.closeFd(closedAtOnce);
        assertThat(isOpen(closedAtOnce)).isFalse();
        assertThat(isOpen(closedLater)).isTrue();
        assertThat(ring.abandon(LIMIT_NANOS)).isTrue();
        assertThat(isOpen(closedLater) || isOpen(fileClosedLater)).isFalse();
        assertThat(fileClose.result()).isZero();
    }

    @Test
    void itsOperationsAreCancelledWhenTheKernelIsDoneWithThem() throws Exception {
        assertThat(ring.abandon(LIMIT_NANOS)).isTrue();
        for (RecordedOperation operation : new RecordedOperation[] {taken, notTaken}) {
            assertThat(operation.result()).isEqualTo(-Errno.ECANCELED);
            assertThat(operation.ended).isTrue();
        }
        assertThat(ring.operationsInFlight()).isZero();
        assertThatThrownBy(() -> taken.submitTo(ring)).isInstanceOf(IllegalStateException.class);
        ring.cancel(taken);
        ring.enter();
        ring.close();
    }
}
