// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An io_uring: its two queues, and the operations in flight on it. Created disabled by any thread, enabled by the one
 * thread that uses it from then on (IORING_SETUP_SINGLE_ISSUER, DEFER_TASKRUN: kernel 6.1).
 */
public final class Ring implements AutoCloseable {
    /** Completions of requests that nobody waits for: closes. */
    static final long IGNORED = 0;
    /** Set in the {@code user_data} of a cancellation, and of a pause before it, beside the operation's. */
    private static final long CANCELLATION = Long.MIN_VALUE;

    /** After which a worker that was busy with what is to be cancelled is asked again. */
    private static final long CANCELLATION_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long NO_TIMEOUT = -1;
    /** The kernel refuses entries only while it lacks memory; a machine that lacks it for so long will not recover. */
    private static final int MAX_REFUSALS = 100_000;

    private final int fd;
    private final RingSetup setup;
    private final EnterArgument argument;
    private final SubmissionQueue submissionQueue;
    private final CompletionQueue completionQueue;
    private final OperationTable operations = new OperationTable();
    private final RingCounters counters = new RingCounters();
    private final boolean registerFd;
    private final EnterFd enterFd;
    private final EnterResult enterResult = new EnterResult();
    /** {@code null} before {@link #prepareEnd}. */
    private RingEnd end;

    private boolean closed;

    private Ring(RingSetup setup, Set<Feature> features) {
        this.setup = setup;
        fd = setup.fd;
        argument = setup.argument;
        submissionQueue = setup.submissionQueue;
        completionQueue = setup.completionQueue;
        registerFd = features.contains(Feature.REGISTERED_RING);
        enterFd = new EnterFd(fd, setup.canDoWithoutIowait && features.contains(Feature.NO_IOWAIT));
    }

    /**
     * Creates a ring, disabled: nothing can be submitted before {@link #enable()}.
     *
     * @param sqEntries submission queue entries, a power of two
     * @param cqEntries completion queue entries, a power of two, at least as many
     * @param features what to use of what newer kernels offer; must have been found to work
     * @throws IOException with errno's name: EPERM if io_uring is forbidden, ENOMEM at RLIMIT_MEMLOCK, ENOSYS or EINVAL
     *     on a kernel before 6.1
     */
    public static Ring open(int sqEntries, int cqEntries, Set<Feature> features) throws IOException {
        return new Ring(RingSetup.of(sqEntries, cqEntries, features), features);
    }

    /**
     * Makes the calling thread the ring's, which alone may use it from now on.
     *
     * @throws IOException if the kernel refuses
     */
    public void enable() throws IOException {
        int result = Native.ioUringRegister(fd, Abi.IORING_REGISTER_ENABLE_RINGS, 0, 0);
        if (result < 0) {
            throw new RingSetupException(
                    "io_uring_register(IORING_REGISTER_ENABLE_RINGS)",
                    result,
                    submissionEntries(),
                    completionEntries());
        }
        if (registerFd) {
            enterFd.register();
        }
    }

    /** Whether the kernel finds the ring without looking up its fd. */
    boolean entersThroughRegisteredFd() {
        return enterFd.isRegistered();
    }

    /** Whether a thread that waits is idle to the kernel's statistics, and not waiting for I/O. */
    boolean waitsWithoutIowait() {
        return enterFd.waitsWithoutIowait();
    }

    /** The ring's file descriptor. */
    public int fd() {
        return fd;
    }

    /** Entries of the submission queue. */
    public int submissionEntries() {
        return submissionQueue.entries();
    }

    /** Entries of the completion queue. */
    public int completionEntries() {
        return completionQueue.entries();
    }

    /** What the ring has done so far. */
    public RingCounters counters() {
        return counters;
    }

    /** How many operations the kernel has not completed yet. Any thread. */
    public int operationsInFlight() {
        return operations.size();
    }

    /** How many of those are over but for {@linkplain Operation#awaitsNotification() a notification}. */
    public int notificationsAwaited() {
        return operations.count(Operation::awaitsNotification);
    }

    /** Runs {@code action} for every operation in flight. */
    public void forEachOperation(Consumer<Operation> action) {
        operations.forEach(action);
    }

    /**
     * Puts an operation into the submission queue; the kernel gets it with the next call.
     *
     * <p>If encoding the operation throws, it is not in flight, and the kernel gets nothing.
     *
     * @param operation one that is not in flight
     * @param owner who is told when it is over
     * @throws IllegalStateException if the kernel {@linkplain #ensureUsable() takes no more}
     */
    public void submit(Operation operation, Operation.Owner owner) {
        assert !operation.isInFlight() : operation + " is in flight already";
        Submission sqe = nextSubmission();
        long userData = operations.add(operation);
        operation.begin(userData, owner);
        try {
            operation.encode(sqe.userData(userData));
        } catch (Throwable cause) {
            operations.remove(userData);
            operation.leave();
            submissionQueue.withdraw();
            throw cause;
        }
    }

    /** Asks the kernel to end an operation early. It stays in flight until its last completion says how it ended. */
    public void cancel(Operation operation) {
        if (operation.requestCancel()) {
            submitCancellation(operation.userData());
        }
    }

    private void submitCancellation(long userData) {
        if (hasRoom()) {
            submissionQueue
                    .next()
                    .operation(Abi.IORING_OP_ASYNC_CANCEL, -1)
                    .addr(userData)
                    .flags(Abi.IOSQE_CQE_SKIP_SUCCESS)
                    .userData(userData | CANCELLATION);
        }
    }

    /**
     * The kernel did not find the operation, or could not stop it. Either it is over, or it was about to be tried once more,
     * as a send is when anything happens to its socket, and goes on waiting now: then it is to be found. Or a worker of the
     * kernel's is busy with it, which may be for long, as when a disk writes: then it is asked once more after a while.
     */
    private void cancellationFailed(long userData, int result) {
        Operation operation = operations.find(userData);
        // where completions were lost, what is not found may be over: it would be looked for without end
        if (operation == null || operation.awaitsNotification() || enterResult.hasLost() || !hasRoom()) {
            return;
        }
        if (result == -Errno.EALREADY) {
            submissionQueue
                    .next()
                    .operation(Abi.IORING_OP_TIMEOUT, -1)
                    .addr(argument.pause(CANCELLATION_RETRY_NANOS))
                    .len(1)
                    .userData(userData | CANCELLATION);
        } else {
            submitCancellation(userData);
        }
    }

    /**
     * Closes a file descriptor in the order of the queue: after the operations and cancellations before it. Or at once, if the
     * kernel {@linkplain #ensureUsable() takes no more}.
     */
    public void closeFd(int fd) {
        if (hasRoom()) {
            submissionQueue
                    .next()
                    .operation(Abi.IORING_OP_CLOSE, fd)
                    .flags(Abi.IOSQE_CQE_SKIP_SUCCESS)
                    .userData(IGNORED);
        } else {
            Native.close(fd);
        }
    }

    /** A multishot poll that is no operation: its completions carry {@code userData}, which is below any operation's. */
    void pollForever(int fd, int events, long userData) {
        nextSubmission()
                .operation(Abi.IORING_OP_POLL_ADD, fd)
                .len(Abi.IORING_POLL_ADD_MULTI)
                .operationFlags(events)
                .userData(userData);
    }

    private Submission nextSubmission() {
        if (!hasRoom()) {
            ensureUsable();
        }
        return submissionQueue.next();
    }

    /** Whether the queue has room for an entry, or the kernel makes it: it does unless it takes no more. */
    private boolean hasRoom() {
        if (!isRefused() && submissionQueue.isFull()) {
            makeRoom();
        }
        return !isRefused();
    }

    /** The queue is full in the middle of a turn: the kernel takes what is in it now. */
    private void makeRoom() {
        int result = 0;
        for (int refusals = 0; refusals < MAX_REFUSALS; refusals++) {
            result = enter(0, NO_TIMEOUT);
            if (isRefused() || !submissionQueue.isFull()) {
                return;
            }
            // EBUSY: the completion queue is full as well. EAGAIN: no memory for requests until some are over.
            stashCompletions();
            Thread.onSpinWait();
        }
        throw new IllegalStateException(Errno.message("the kernel takes no submissions: io_uring_enter", result));
    }

    /** Whether a call would get anything done: entries wait for the kernel, or the kernel has work that waits for a call. */
    public boolean needsEnter() {
        return hasSubmissions()
                || (!isRefused()
                        && (submissionQueue.flags() & (Abi.IORING_SQ_CQ_OVERFLOW | Abi.IORING_SQ_TASKRUN)) != 0);
    }

    /** Whether entries wait for the kernel, which takes them. */
    public boolean hasSubmissions() {
        return !isRefused() && submissionQueue.pending() != 0;
    }

    /**
     * Hands over what was submitted and lets the kernel do its deferred work, without waiting; does nothing if the kernel
     * {@linkplain #ensureUsable() takes no more}.
     */
    public void enter() {
        if (!isRefused()) {
            enter(0, NO_TIMEOUT);
        }
    }

    /**
     * The same, and waits for a completion.
     *
     * @param timeoutNanos how long at most; negative: for ever
     * @throws IllegalStateException if the kernel {@linkplain #ensureUsable() takes no more}
     */
    public void enterAndWait(long timeoutNanos) {
        ensureUsable();
        enter(1, timeoutNanos);
        ensureUsable();
    }

    /**
     * Returns unless io_uring_enter(2) has failed in a way that is for good: not for want of memory, say, but since somebody has
     * closed the ring's file descriptor. Then only {@link #abandon} is left.
     *
     * @throws IllegalStateException if it has, with errno's name
     */
    public void ensureUsable() {
        enterResult.ensureAccepted();
    }

    /** Whether the kernel {@linkplain #ensureUsable() takes no more}. */
    public boolean isRefused() {
        return enterResult.isRefused();
    }

    private int enter(int minComplete, long timeoutNanos) {
        completionQueue.release();
        if ((submissionQueue.flags() & Abi.IORING_SQ_CQ_OVERFLOW) != 0) {
            counters.overflowed(completionQueue.entries(), operations.size());
        }
        argument.timeout(timeoutNanos);
        int pending = submissionQueue.publish();
        int result = Native.ioUringEnter(
                enterFd.number(), pending, minComplete, enterFd.flags(), argument.address(), EnterArgument.SIZE);
        counters.entered(pending - submissionQueue.pending());
        enterResult.returned(result);
        return result;
    }

    /** Whether, since the last call, the kernel had no memory for completions: what they were of does not end by itself. */
    public boolean takeLoss() {
        return enterResult.takeLoss();
    }

    /** Whether completions wait to be {@linkplain #dispatchCompletions dispatched}. */
    public boolean hasCompletions() {
        return !completionQueue.isEmpty();
    }

    /**
     * Takes the completions there are, a queue full at the most, and gives each to its operation. None is taken while a
     * {@linkplain #takeLoss() loss} is untold.
     *
     * @param wakeup takes those of its own
     * @return how many were operations'
     */
    public int dispatchCompletions(Wakeup wakeup) {
        int taken = 0;
        int dispatched = 0;
        int most = completionQueue.entries();
        for (; taken < most && !enterResult.hasUntoldLoss() && completionQueue.next(); taken++) {
            long userData = completionQueue.userData();
            if (userData >= OperationTable.FIRST_USER_DATA) {
                dispatched++;
                dispatch(userData);
            } else if (userData < 0) {
                cancellationFailed(userData & ~CANCELLATION, completionQueue.result());
            } else if (userData != IGNORED) {
                wakeup.completed(completionQueue.flags());
            }
        }
        counters.completed(taken);
        return dispatched;
    }

    private void dispatch(long userData) {
        Operation operation = operations.find(userData);
        if (operation == null) {
            return; // of an operation that is over: a second notification, say
        }
        int result = completionQueue.result();
        int flags = completionQueue.flags();
        boolean last = (flags & Abi.IORING_CQE_F_MORE) == 0;
        if (last) {
            operations.remove(userData);
        }
        operation.completed(result, flags, last);
    }

    /**
     * Hands over what was submitted and takes what completions of one operation there are then, ahead of all others, which
     * keep their order. Not for a receive from provided buffers: pieces are cut from those in the order of all completions.
     *
     * @return whether that is over; the operation may be in flight anew
     */
    public boolean settle(Operation operation) {
        if (!operation.isInFlight()) {
            return true;
        }
        if (needsEnter()) {
            enter();
        }
        if (isRefused()) {
            return false;
        }
        stashCompletions();
        long userData = operation.userData();
        long from = operation.firstStashed();
        while (from != Operation.NONE
                && operation.userData() == userData
                && completionQueue.nextStashed(userData, from)) {
            counters.completed(1);
            dispatch(userData);
        }
        return operation.userData() != userData;
    }

    /** Takes everything out of the kernel's queue, to be dispatched later. Operations know where theirs are. */
    private void stashCompletions() {
        while (completionQueue.stashNext()) {
            Operation operation = operations.find(completionQueue.userData());
            if (operation != null) {
                operation.stashed(completionQueue.lastStashed());
            }
        }
    }

    /** Releases the ring. Operations must not be in flight: what they own would be the kernel's for ever. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (entersThroughRegisteredFd()) {
            enterFd.unregister(argument.memory());
        }
        setup.close();
        if (end != null) {
            end.close();
        }
    }

    /**
     * Provides for {@link #closeBeforeNotified}, which then needs nothing more: before the first operation that awaits a
     * notification.
     *
     * @throws IOException for want of file descriptors or memory
     */
    public void prepareEnd() throws IOException {
        if (end == null) {
            end = RingEnd.of(fd);
        }
    }

    /**
     * Releases the ring although operations {@linkplain Operation#awaitsNotification() await a notification}; no others may be
     * in flight. They stay in flight, and keep their memory, until the kernel is done with all of them. That another thread
     * waits for, which completes them then.
     *
     * @param whenOver called by that thread afterwards
     * @throws IOException if it was not {@linkplain #prepareEnd provided for} and there is nothing to wait with; the ring is not
     *     released
     */
    public void closeBeforeNotified(Runnable whenOver) throws IOException {
        prepareEnd();
        end.await(() -> {
            operations.forEach(operation -> end(operation, 0, Abi.IORING_CQE_F_NOTIF));
            whenOver.run();
        });
        end = null; // the thread's from now on
        close();
    }

    /**
     * Releases a ring that cannot be {@linkplain #ensureUsable() used} any more: waits until the kernel has ended its operations,
     * and completes them as cancelled. Descriptors whose closing the kernel has not taken are closed.
     *
     * @param limitNanos how long to wait
     * @return whether they ended in time; if not, they stay in flight, and keep their memory
     * @throws IOException if there is nothing to wait with; the ring is not released
     */
    public boolean abandon(long limitNanos) throws IOException, InterruptedException {
        assert isRefused();
        submissionQueue.forEachPending(this::closeByHand);
        prepareEnd();
        CountDownLatch over = new CountDownLatch(1);
        end.await(over::countDown);
        end = null; // the thread's from now on
        close();
        if (!over.await(limitNanos, TimeUnit.NANOSECONDS)) {
            return false;
        }
        operations.forEach(operation -> {
            if (operation.awaitsNotification()) {
                end(operation, 0, Abi.IORING_CQE_F_NOTIF);
            } else {
                end(operation, -Errno.ECANCELED, 0);
            }
        });
        return true;
    }

    private void closeByHand(Submission pending) {
        if (pending.opcode() == Abi.IORING_OP_CLOSE) {
            int result = Native.close(pending.fd());
            Operation operation = operations.find(pending.userData());
            if (operation != null) {
                end(operation, result, 0);
            }
        }
    }

    /** Without a completion of the kernel's. */
    private void end(Operation operation, int result, int flags) {
        operations.remove(operation.userData());
        operation.completed(result, flags, true);
    }
}
