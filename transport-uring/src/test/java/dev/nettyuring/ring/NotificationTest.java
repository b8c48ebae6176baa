// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Host;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A zero-copy send whose peer does not read: the kernel needs its memory, and says so, until it does. */
class NotificationTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(300);
    /** More than the sockets' buffers take. */
    private static final int BYTES = 16 << 20;

    private static final int TURNS = 20;
    private static final int MOST_TURNS = 2000;
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final OpenRing open = new OpenRing();
    private final Ring ring = open.ring;
    private final MappedMemory memory = MappedMemory.anonymous(BYTES, true);
    private final byte[] sent = new byte[BYTES];
    private final long pipesBefore = pipes();
    private UnreadConnection connection;

    NotificationTest() throws IOException {}

    @BeforeEach
    void connect() throws IOException {
        assumeTrue(Probe.run().features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        assumeTrue(Host.current().mayLock(BYTES + 1), "so much memory may not be locked beside the ring");
        new Random(BYTES).nextBytes(sent);
        memory.buffer().put(0, sent);
        connection = new UnreadConnection(open);
    }

    @AfterEach
    void close() throws IOException {
        if (connection != null) {
            connection.close();
        }
        memory.close();
    }

    /** As a channel's send does, it says when only the notification is left. */
    private final class ZeroCopySend extends RecordedOperation {
        ZeroCopySend() {
            super(sqe -> sqe.operation(Abi.IORING_OP_SEND_ZC, connection.fd)
                    .addr(memory.address())
                    .len(BYTES));
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            super.complete(result, flags, last);
            if (!last) {
                awaitNotification();
            }
        }
    }

    private ZeroCopySend send() {
        ZeroCopySend send = new ZeroCopySend();
        send.submitTo(ring);
        for (int i = 0; i < MOST_TURNS && send.results.isEmpty(); i++) {
            turn();
        }
        assertThat(send.results.get(0)).as("bytes that the kernel took").isPositive();
        assertThat(send.isInFlight()).isTrue();
        return send;
    }

    private void turn() {
        ring.enterAndWait(TURN_NANOS);
        ring.dispatchCompletions(open.wakeup);
    }

    @Test
    void whatAwaitsItIsCountedAndCannotBeCancelled() {
        ZeroCopySend send = send();
        assertThat(ring.notificationsAwaited()).isEqualTo(1);
        long submissions = ring.counters().submissions();
        ring.cancel(send);
        turn();
        assertThat(send.isCancelRequested()).isFalse();
        assertThat(ring.counters().submissions()).isEqualTo(submissions);
        resetConnection();
        open.close();
        assertThat(ring.notificationsAwaited()).isZero();
    }

    @Test
    void aCancellationThatComesTooLateIsNotRepeatedUntilThePeerReads() {
        ZeroCopySend send = new ZeroCopySend();
        send.submitTo(ring);
        long submissions = ring.counters().submissions();
        ring.enter(); // what it took is known, and its completion not taken
        ring.cancel(send);
        for (int i = 0; i < TURNS; i++) {
            turn();
        }
        assertThat(send.results).hasSize(1);
        assertThat(ring.counters().submissions() - submissions)
                .as("the send and one cancellation")
                .isEqualTo(2);
        resetConnection();
        open.close();
    }

    /** The kernel then throws away what it has not sent. */
    private void resetConnection() {
        try {
            connection.peer.setSoLinger(true, 0);
            connection.peer.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRingThatIsClosedBeforeKeepsItsOperationsUntilThePeerHasEverything() throws Exception {
        ZeroCopySend send = send();
        int taken = send.results.get(0);
        CountDownLatch over = new CountDownLatch(1);
        ring.closeBeforeNotified(over::countDown);
        open.wakeup.close();
        Native.close(open.silentFd);
        assertThat(over.await(A_WHILE.toMillis(), TimeUnit.MILLISECONDS))
                .as("before the peer reads")
                .isFalse();
        assertThat(ring.operationsInFlight()).isEqualTo(1);
        byte[] received = connection.peer.getInputStream().readNBytes(taken);
        assertThat(over.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("after the peer has read")
                .isTrue();
        assertThat(received).isEqualTo(Arrays.copyOf(sent, taken));
        assertThat(send.results).hasSize(2);
        assertThat(send.ended).isTrue();
        assertThat(ring.operationsInFlight()).isZero();
        await().atMost(LIMIT).until(() -> pipes() == pipesBefore);
    }

    @Test
    void whatIsNoRingHasNoEndAndLeavesNoPipe() throws Exception {
        assertThatThrownBy(() -> RingEnd.of(open.silentFd))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("IORING_REGISTER_FILES");
        assertThat(pipes()).isEqualTo(pipesBefore);
        open.close();
    }

    private static long pipes() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.filter(NotificationTest::isPipe).count();
        }
    }

    private static boolean isPipe(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().startsWith("pipe:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
