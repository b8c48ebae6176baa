// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring on the real kernel, without a transport on top. */
class RingTest {
    private static final int BAD_FD = -1;
    private static final short NO_GROUP = 99;
    private static final int AT_FDCWD = -100;
    private static final int O_WRONLY = 1;
    private static final int IOSQE_ASYNC = 16;
    /** What takes a worker some tens of milliseconds to write. */
    private static final int MUCH = 256 << 20;

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private OpenRing open;
    private Ring ring;

    @BeforeEach
    void open() throws Exception {
        open = new OpenRing();
        ring = open.ring;
    }

    @AfterEach
    void close() {
        open.close();
        assertThat(ring.operationsInFlight()).isZero();
    }

    /** Rings, eventfds and sockets; files come and go as classes are loaded. */
    private static long openFds() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.filter(RingTest::isNoFile).count();
        }
    }

    private static boolean isNoFile(Path link) {
        try {
            return !Files.readSymbolicLink(link).toString().startsWith("/");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private RecordedOperation silentPoll() {
        return RecordedOperation.poll(open.silentFd, SocketAbi.POLLIN).submitTo(ring);
    }

    /** An operation that adds its number to a list when it completes. */
    private static RecordedOperation numbered(int number, List<Integer> completed) {
        return new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_NOP, BAD_FD)) {
            @Override
            protected void complete(int result, int flags, boolean last) {
                completed.add(number);
            }
        };
    }

    @Test
    void submittedOperationsCompleteManyTimesAroundBothQueues() {
        List<Integer> completed = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            expected.add(i);
            ring.submit(numbered(i, completed), RecordedOperation.nop());
            if (i % 5 == 0) {
                open.finish();
            }
        }
        open.finish();
        assertThat(completed).isEqualTo(expected);
        assertThat(ring.counters().submissions()).isEqualTo(1_000);
        assertThat(ring.counters().completions()).isEqualTo(1_000);
    }

    @Test
    void aFullSubmissionQueueMakesRoomByItself() {
        List<Integer> completed = new ArrayList<>();
        for (int i = 0; i < OpenRing.SQ_ENTRIES + 1; i++) {
            ring.submit(numbered(i, completed), RecordedOperation.nop());
        }
        assertThat(ring.counters().enters()).as("system calls to make room").isEqualTo(1);
        open.finish();
        assertThat(completed).hasSize(OpenRing.SQ_ENTRIES + 1);
    }

    @Test
    void anOverflowingCompletionQueueLosesNothingAndKeepsTheOrder() {
        List<Integer> completed = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 20 * OpenRing.CQ_ENTRIES; i++) {
            expected.add(i);
            ring.submit(numbered(i, completed), RecordedOperation.nop());
            if (i % OpenRing.SQ_ENTRIES == 0) {
                ring.enter(); // and takes no completion
            }
        }
        open.finish();
        assertThat(ring.counters().overflows()).isPositive();
        assertThat(completed).isEqualTo(expected);
    }

    @Test
    void aDispatchTakesNoMoreThanAQueueFull() {
        List<Integer> completed = new ArrayList<>();
        for (int i = 0; i < 3 * OpenRing.CQ_ENTRIES; i++) {
            RecordedOperation again = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_NOP, BAD_FD)) {
                @Override
                protected void complete(int result, int flags, boolean last) {
                    completed.add(result);
                    if (completed.size() < 1_000) {
                        submitTo(ring);
                    }
                }
            };
            again.submitTo(ring);
        }
        ring.enter();
        assertThat(ring.dispatchCompletions(open.wakeup)).isLessThanOrEqualTo(OpenRing.CQ_ENTRIES);
        open.finish();
        assertThat(completed.size()).isGreaterThanOrEqualTo(1_000);
    }

    @Test
    void anOperationStaysInFlightUntilItsCancellationIsReported() {
        RecordedOperation poll = silentPoll();
        ring.enter();
        ring.cancel(poll);
        assertThat(poll.isCancelRequested()).isTrue();
        ring.enter();
        assertThat(poll.isInFlight()).as("before its completion is taken").isTrue();
        assertThat(ring.operationsInFlight()).isEqualTo(1);
        open.finish();
        assertThat(poll.result()).isEqualTo(-Errno.ECANCELED);
        assertThat(poll.ended).isTrue();
    }

    @Test
    void cancellingTwiceOrTooLateAsksTheKernelForNothing() {
        RecordedOperation poll = silentPoll();
        ring.cancel(poll);
        ring.cancel(poll);
        open.finish();
        ring.cancel(poll);
        ring.enter();
        assertThat(ring.counters().submissions())
                .as("the poll and one cancellation")
                .isEqualTo(2);
    }

    @Test
    void aCancellationThatComesTooLateForTheKernelIsHarmless() {
        RecordedOperation nop = RecordedOperation.nop().submitTo(ring);
        ring.enter(); // it has completed, but its completion is not taken
        ring.cancel(nop);
        RecordedOperation next = RecordedOperation.nop().submitTo(ring);
        open.finish();
        assertThat(nop.result()).isZero();
        assertThat(next.result()).isZero();
    }

    @Test
    void aWorkerThatIsBusyWithWhatIsCancelledIsAskedAgainAfterAWhile() throws Exception {
        Path file = Files.createTempFile("much", null);
        int fd = openForWriting(file);
        try (MappedMemory much = MappedMemory.anonymous(MUCH, false)) {
            RecordedOperation write = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_WRITE, fd)
                            .flags(IOSQE_ASYNC)
                            .addr(much.address())
                            .len(MUCH))
                    .submitTo(ring);
            ring.enter();
            awaitBytesIn(file);
            long submissions = ring.counters().submissions();
            long begun = System.nanoTime();
            ring.cancel(write);
            while (write.isInFlight() && System.nanoTime() - begun < LIMIT_NANOS) {
                ring.enterAndWait(LIMIT_NANOS);
                ring.dispatchCompletions(open.wakeup);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertThat(write.result()).isPositive();
            assertThat(ring.counters().submissions() - submissions)
                    .as("cancellations, and pauses of a millisecond between them, in " + millis + " ms")
                    .isBetween(2L, 2 * millis + 2);
        } finally {
            Native.close(fd);
            Files.delete(file);
        }
    }

    private static void awaitBytesIn(Path file) throws IOException {
        long begun = System.nanoTime();
        while (Files.size(file) == 0) {
            assertThat(System.nanoTime() - begun)
                    .as("ns before a worker writes")
                    .isLessThan(LIMIT_NANOS);
            Thread.onSpinWait();
        }
    }

    private int openForWriting(Path file) throws IOException {
        byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
        try (MappedMemory memory = MappedMemory.anonymous(path.length + 1, true)) {
            memory.buffer().put(path).put((byte) 0);
            RecordedOperation opening = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_OPENAT, AT_FDCWD)
                            .addr(memory.address())
                            .operationFlags(O_WRONLY))
                    .submitTo(ring);
            open.finish();
            assertThat(opening.result()).isPositive();
            return opening.result();
        }
    }

    @Test
    void aCompletionThatSubmitsItsOperationAnewKeepsItInFlight() {
        RecordedOperation again = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_NOP, BAD_FD)) {
            @Override
            protected void complete(int result, int flags, boolean last) {
                super.complete(result, flags, last);
                if (results.size() < 100) {
                    submitTo(ring);
                    assertThat(isInFlight()).isTrue();
                }
            }
        };
        again.submitTo(ring);
        open.finish();
        assertThat(again.results).hasSize(100);
        assertThat(again.thrown).isEmpty();
    }

    @Test
    void submittingWhatIsInFlightIsABug() {
        RecordedOperation poll = silentPoll();
        assertThatThrownBy(() -> poll.submitTo(ring))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("in flight already");
    }

    @Test
    void whatACompletionThrowsGoesToTheOwnerAndTheOthersGoOn() {
        RecordedOperation throwing = new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_NOP, BAD_FD)) {
            @Override
            protected void complete(int result, int flags, boolean last) {
                throw new StackOverflowError("thrown on purpose");
            }
        };
        throwing.submitTo(ring);
        RecordedOperation after = RecordedOperation.nop().submitTo(ring);
        open.finish();
        assertThat(throwing.thrown).singleElement().isInstanceOf(StackOverflowError.class);
        assertThat(throwing.ended).isTrue();
        assertThat(after.result()).isZero();
    }

    @Test
    void anOperationThatCannotBeEncodedIsNotInFlightAndTheOthersAre() {
        RecordedOperation before = RecordedOperation.nop().submitTo(ring);
        RecordedOperation bad = new RecordedOperation(sqe -> {
            throw new IllegalArgumentException("cannot be encoded");
        });
        assertThatThrownBy(() -> bad.submitTo(ring)).hasMessage("cannot be encoded");
        assertThat(bad.isInFlight()).isFalse();
        assertThat(ring.operationsInFlight()).isEqualTo(1);
        RecordedOperation after = RecordedOperation.nop().submitTo(ring);
        open.finish();
        assertThat(before.result()).isZero();
        assertThat(after.result()).isZero();
        assertThat(bad.results).isEmpty();
        assertThat(ring.counters().submissions()).isEqualTo(2);
    }

    @Test
    void settlingTakesOneOperationAheadOfTheOthers() {
        List<Integer> completed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ring.submit(numbered(i, completed), RecordedOperation.nop());
        }
        RecordedOperation wanted = RecordedOperation.nop().submitTo(ring);
        ring.submit(numbered(3, completed), RecordedOperation.nop());
        assertThat(ring.settle(wanted)).isTrue();
        assertThat(wanted.result()).isZero();
        assertThat(completed).isEmpty();
        open.finish();
        assertThat(completed).containsExactly(0, 1, 2, 3);
        assertThat(ring.settle(wanted)).as("of what is over").isTrue();
    }

    @Test
    void settlingDoesNotWait() {
        RecordedOperation poll = silentPoll();
        assertThat(ring.settle(poll)).isFalse();
        assertThat(poll.isInFlight()).isTrue();
    }

    @Test
    void waitingEndsWithTheTimeout() {
        silentPoll();
        long start = System.nanoTime();
        ring.enterAndWait(TimeUnit.MILLISECONDS.toNanos(1_020));
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(1_020));
        assertThat(ring.hasCompletions()).isFalse();
    }

    @Test
    void waitingWithoutTimeoutEndsWithACompletion() {
        RecordedOperation nop = RecordedOperation.nop().submitTo(ring);
        assertThat(ring.needsEnter()).isTrue();
        ring.enterAndWait(-1);
        assertThat(ring.hasCompletions()).isTrue();
        assertThat(nop.results).as("before it is dispatched").isEmpty();
        assertThat(ring.dispatchCompletions(open.wakeup)).isEqualTo(1);
        assertThat(ring.needsEnter()).isFalse();
    }

    @Test
    void theKernelsRefusalsReachTheOperation() {
        assertThat(resultOf(sqe -> sqe.operation(Abi.IORING_OP_RECV, BAD_FD))).isEqualTo(-Errno.EBADF);
        assertThat(resultOf(sqe -> sqe.operation(0xff, BAD_FD)))
                .as("no such operation")
                .isEqualTo(-Errno.EINVAL);
        assertThat(resultOf(sqe -> sqe.operation(Abi.IORING_OP_NOP, BAD_FD).operationFlags(-1)))
                .as("no such flags")
                .isEqualTo(-Errno.EINVAL);
        assertThat(Errno.name(-resultOf(sqe -> sqe.operation(Abi.IORING_OP_RECV, open.silentFd))))
                .as("no socket")
                .isEqualTo("ENOTSOCK");
        int socket = Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_STREAM | SocketAbi.SOCK_CLOEXEC, 0);
        try {
            assertThat(resultOf(
                            sqe -> sqe.operation(Abi.IORING_OP_SEND, socket).operationFlags(SocketAbi.MSG_NOSIGNAL)))
                    .as("not connected")
                    .isEqualTo(-Errno.EPIPE);
            assertThat(resultOf(sqe -> sqe.operation(Abi.IORING_OP_RECV, socket)
                            .flags(Abi.IOSQE_BUFFER_SELECT)
                            .bufferGroup(NO_GROUP)))
                    .isIn(-Errno.ENOBUFS, -Errno.ENOTCONN);
            assertThat(Errno.name(-resultOf(sqe ->
                            sqe.operation(Abi.IORING_OP_CONNECT, socket).addr(8).off(16))))
                    .as("an address that is not mapped")
                    .isEqualTo("EFAULT");
        } finally {
            Native.close(socket);
        }
    }

    private int resultOf(Consumer<Submission> request) {
        RecordedOperation operation = new RecordedOperation(request).submitTo(ring);
        open.finish();
        return operation.result();
    }

    @Test
    void aBadEntryDoesNotHoldUpThoseBehindIt() {
        RecordedOperation bad = new RecordedOperation(sqe -> sqe.operation(0xff, BAD_FD)).submitTo(ring);
        RecordedOperation good = RecordedOperation.nop().submitTo(ring);
        ring.enter();
        ring.dispatchCompletions(open.wakeup);
        assertThat(bad.result()).isEqualTo(-Errno.EINVAL);
        assertThat(good.result()).isZero();
    }

    @Test
    void anFdIsClosedAfterTheOperationsBeforeIt() throws Exception {
        long before = openFds();
        int fd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
        RecordedOperation poll = RecordedOperation.poll(fd, SocketAbi.POLLIN).submitTo(ring);
        ring.cancel(poll);
        ring.closeFd(fd);
        open.finish();
        assertThat(poll.result()).isEqualTo(-Errno.ECANCELED);
        assertThat(openFds()).isEqualTo(before);
    }

    @Test
    void openingAndClosingLeavesNoFd() throws Exception {
        long before = openFds();
        for (int i = 0; i < 50; i++) {
            new OpenRing().close();
            Ring.open(OpenRing.SQ_ENTRIES, OpenRing.CQ_ENTRIES, EnumSet.noneOf(Feature.class))
                    .close();
        }
        assertThat(openFds()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -8})
    void aRingThatTheKernelRefusesSaysWhyAndLeavesNoFd(int entries) throws Exception {
        long before = openFds();
        assertThatThrownBy(() -> Ring.open(entries, OpenRing.CQ_ENTRIES, EnumSet.noneOf(Feature.class)))
                .isInstanceOf(RingSetupException.class)
                .hasMessageContaining("io_uring_setup")
                .hasMessageContaining("EINVAL")
                .hasMessageContaining(System.getProperty("os.version"));
        assertThat(openFds()).isEqualTo(before);
    }

    @Test
    void theSizesAreThoseAskedFor() {
        assertThat(ring.submissionEntries()).isEqualTo(OpenRing.SQ_ENTRIES);
        assertThat(ring.completionEntries()).isEqualTo(OpenRing.CQ_ENTRIES);
    }
}
