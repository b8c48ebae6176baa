// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.testsuite.fault.FaultPlan.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A ring between the transport and the kernel's. The transport's queues are memory of ours: at each io_uring_enter(2) what it
 * submitted is passed on, changed or answered here, and the completions are held back and given to it as the plan has it. Of
 * one operation, and of all that use provided buffers, completions keep their order. Of the ring's thread alone.
 */
final class FaultyRing {
    /** Set in the {@code user_data} of our own cancellations, beside the operation's, whose generation does not get there. */
    private static final long OWN_CANCELLATION = 1L << 62;

    private static final long WAKEUP = 1;
    private static final int MAX_DELAY = 8;
    private static final int LONG_DELAY = 60;
    /** So often does nobody wake a loop, with nothing to do, in the life of a seed. */
    private static final int MAX_IDLE_CALLS = 100_000;

    private static final int MAX_ENDING_CALLS = 10_000;
    /** Those that io_uring_enter(2) names for a ring and arguments that are well. */
    private static final int[] ENTER_ERRORS = {Errno.EINTR, Errno.EAGAIN, Errno.EBUSY};

    private final FaultPlan plan;
    private final Random random;
    private final RingQueues.Layout layout;
    private RingQueues kernels;
    private RingQueues transports;
    private ByteBuffer kernelRing;
    private ByteBuffer transportRing;

    private final Map<Long, Passed> inFlight = new HashMap<>();
    private final List<Held> held = new ArrayList<>();
    private int ending;
    private long calls;
    private long idleCalls;

    /** The real io_uring_enter(2). */
    interface Enter {
        int enter(int toSubmit, int minComplete);
    }

    /** An operation that the kernel has. */
    private static final class Passed {
        final int opcode;
        final int ioprio;
        final boolean multishot;
        /** It is being cancelled, so that the last completion it has by then is its last. */
        boolean ending;
        /** What it fails with although it is done, or 0: a descriptor is closed whatever close(2) says. */
        int error;
        /** Memory that the kernel reads instead of the transport's. */
        ByteBuffer message;

        Passed(int opcode, int ioprio, boolean multishot) {
            this.opcode = opcode;
            this.ioprio = ioprio;
            this.multishot = multishot;
        }
    }

    /** A completion that the transport does not have yet. */
    private static final class Held {
        final long userData;
        final int result;
        int flags;
        final long due;
        final Passed operation;

        Held(long userData, int result, int flags, long due, Passed operation) {
            this.userData = userData;
            this.result = result;
            this.flags = flags;
            this.due = due;
            this.operation = operation;
        }

        boolean comesBefore(Held other) {
            boolean bothOfBuffers = (flags & other.flags & Abi.IORING_CQE_F_BUFFER) != 0;
            return userData == other.userData || bothOfBuffers;
        }
    }

    FaultyRing(FaultPlan plan, ByteBuffer params) {
        this.plan = plan;
        random = plan.ofNextRing();
        layout = new RingQueues.Layout(params);
    }

    /** The kernel's memory, and that which the transport gets for it. */
    void mapped(long offset, ByteBuffer real, ByteBuffer shadow) {
        if (offset == Abi.IORING_OFF_SQ_RING) {
            kernelRing = real;
            transportRing = shadow;
        } else {
            kernels = new RingQueues(layout, kernelRing, real);
            transports = new RingQueues(layout, transportRing, shadow);
            kernels.identity();
        }
    }

    int enter(int toSubmit, int minComplete, Enter real) {
        calls++;
        boolean fails = plan.fails(Kind.ENTER, random);
        if (fails && random.nextBoolean()) {
            return -ENTER_ERRORS[random.nextInt(ENTER_ERRORS.length)];
        }
        int submitted = Math.min(toSubmit, kernels.submissionRoom());
        if (fails) {
            submitted = random.nextInt(submitted + 1);
        }
        for (int i = 0; i < submitted; i++) {
            take(transports.nextSubmission());
        }
        transports.releaseSubmissions();
        boolean mayWait =
                minComplete > 0 && submitted == toSubmit; // as the kernel, which returns when it cannot take all
        boolean waits = mayWait && held.isEmpty() && transports.completions() == 0;
        int result = real.enter(kernels.publishSubmissions(), waits ? 1 : 0);
        reap();
        finishEnding(real);
        deliver(mayWait);
        if (submitted == 0 && transports.completions() == 0 && ++idleCalls == MAX_IDLE_CALLS) {
            plan.spins();
        }
        transports.flags(flags());
        return submitted > 0 || result > 0 ? submitted : result;
    }

    private int flags() {
        boolean overflow = !held.isEmpty() && transports.completionRoom() == 0;
        int deferred = held.isEmpty() ? 0 : Abi.IORING_SQ_TASKRUN;
        return deferred | kernels.flags() | (overflow ? Abi.IORING_SQ_CQ_OVERFLOW : 0);
    }

    /** What the kernel has, and what the transport does not have yet; to look at it when nothing moves any more. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("ring after " + calls + " calls:");
        inFlight.forEach((userData, passed) -> text.append(' ')
                .append(Long.toHexString(userData))
                .append("=op")
                .append(passed.opcode)
                .append(" ioprio ")
                .append(Integer.toHexString(passed.ioprio)));
        held.forEach(one -> text.append(" held ")
                .append(Long.toHexString(one.userData))
                .append(':')
                .append(one.result));
        return text + ", completions " + transports.completions() + ", to submit " + transports.waiting();
    }

    private void take(ByteBuffer sqe) {
        int opcode = sqe.get(Abi.SQE_OPCODE);
        long userData = sqe.getLong(Abi.SQE_USER_DATA);
        boolean selects = (sqe.get(Abi.SQE_FLAGS) & Abi.IOSQE_BUFFER_SELECT) != 0;
        if (opcode == Abi.IORING_OP_ASYNC_CANCEL && plan.fails(Kind.CANCELLATION, random)) {
            hold(userData, -(random.nextBoolean() ? Errno.EALREADY : Errno.ENOENT), 0, null);
            return;
        }
        assert opcode == Abi.IORING_OP_ASYNC_CANCEL || OperationErrors.of(opcode) != null : "operation " + opcode;
        int error = plan.error(opcode, selects, random);
        if (error != 0 && opcode != Abi.IORING_OP_CLOSE) {
            fail(opcode, userData, error);
            return;
        }
        ByteBuffer real = kernels.addSubmission(sqe);
        boolean single = plan.fails(Kind.MULTISHOT_END, random) && SubmissionChange.endMultishot(opcode, real);
        boolean multishot = !single && SubmissionChange.isMultishot(opcode, real);
        Passed passed = new Passed(opcode, real.getShort(Abi.SQE_IOPRIO), multishot);
        if (!passed.multishot && plan.fails(Kind.SHORT, random)) {
            passed.message = SubmissionChange.shorten(opcode, real, random);
        }
        passed.error = error;
        if (userData > WAKEUP) {
            inFlight.put(userData, passed);
        }
    }

    /** As if it had been tried; a zero-copy send may have come as far as to announce its notification. */
    private void fail(int opcode, long userData, int error) {
        boolean zeroCopy = opcode == Abi.IORING_OP_SEND_ZC || opcode == Abi.IORING_OP_SENDMSG_ZC;
        if (zeroCopy && random.nextBoolean()) {
            hold(userData, -error, Abi.IORING_CQE_F_MORE, null);
            hold(userData, 0, Abi.IORING_CQE_F_NOTIF, null);
        } else {
            hold(userData, -error, 0, null);
        }
    }

    private void hold(long userData, int result, int flags, Passed operation) {
        long delay = 0;
        if (plan.fails(Kind.DELAY, random)) {
            delay = 1 + random.nextInt(random.nextInt(10) == 0 ? LONG_DELAY : MAX_DELAY);
        }
        held.add(new Held(userData, result, flags, calls + delay, operation));
    }

    private void reap() {
        while (kernels.nextCompletion()) {
            long userData = kernels.userData();
            if (userData > 0 && (userData & OWN_CANCELLATION) != 0) {
                ownCancellationAnswered(userData & ~OWN_CANCELLATION);
            } else {
                completed(userData, kernels.result(), kernels.completionFlags());
            }
        }
        kernels.releaseCompletions();
    }

    private void completed(long userData, int result, int flags) {
        Passed passed = inFlight.get(userData);
        boolean last = (flags & Abi.IORING_CQE_F_MORE) == 0;
        if (passed == null) {
            hold(userData, result, flags, null);
            return;
        }
        if (passed.opcode == Abi.IORING_OP_ACCEPT && result >= 0) {
            Kernel.accepted(result);
        }
        if (passed.opcode == Abi.IORING_OP_CLOSE && result == -Errno.EBADF) {
            plan.closedTwice();
        }
        if (last) {
            inFlight.remove(userData);
        }
        if (passed.error != 0) {
            hold(userData, -passed.error, flags, passed);
        } else if (!passed.ending) {
            hold(userData, result, flags, passed);
            if (!last && passed.multishot && plan.fails(Kind.MULTISHOT_END, random)) {
                passed.ending = true;
                ending++;
                cancel(userData);
            }
        } else if (!last) {
            hold(userData, result, flags, passed);
        } else {
            ended(userData, passed, result, flags);
        }
    }

    /** What was held last is the last, unless there is something yet besides the word that it was cancelled. */
    private void ended(long userData, Passed passed, int result, int flags) {
        passed.ending = false;
        ending--;
        if (result != -Errno.ECANCELED) {
            hold(userData, result, flags, passed);
            return;
        }
        for (int i = held.size() - 1; i >= 0; i--) {
            Held completion = held.get(i);
            if (completion.operation == passed) {
                completion.flags &= ~Abi.IORING_CQE_F_MORE;
                return;
            }
        }
        throw new AssertionError("it had a completion when it was cancelled");
    }

    private void cancel(long userData) {
        if (kernels.submissionRoom() > 0) {
            kernels.addCancellation(userData, userData | OWN_CANCELLATION);
        }
    }

    private void ownCancellationAnswered(long userData) {
        Passed passed = inFlight.get(userData);
        if (passed != null && passed.ending) {
            cancel(userData); // it was not found, or is over now
        }
    }

    private void finishEnding(Enter real) {
        for (int i = 0; ending > 0; i++) {
            if (i == MAX_ENDING_CALLS) {
                throw new AssertionError("a cancelled multishot operation does not end");
            }
            if (i > 0) {
                for (Map.Entry<Long, Passed> operation : List.copyOf(inFlight.entrySet())) {
                    if (operation.getValue().ending) {
                        cancel(operation.getKey());
                    }
                }
            }
            real.enter(kernels.publishSubmissions(), 0);
            reap();
        }
    }

    private void deliver(boolean waited) {
        for (Iterator<Held> i = held.iterator(); i.hasNext() && transports.completionRoom() > 0; ) {
            Held completion = i.next();
            if (completion.due <= calls && !isBehindAnother(completion)) {
                give(completion);
                i.remove();
            }
        }
        if (waited && transports.completions() == 0 && !held.isEmpty()) {
            give(held.remove(0)); // who waits gets what there is first
        }
        transports.publishCompletions();
    }

    private boolean isBehindAnother(Held completion) {
        for (Held earlier : held) {
            if (earlier == completion) {
                return false;
            }
            if (earlier.comesBefore(completion)) {
                return true;
            }
        }
        throw new AssertionError();
    }

    private void give(Held completion) {
        transports.addCompletion(completion.userData, completion.result, completion.flags);
    }
}
