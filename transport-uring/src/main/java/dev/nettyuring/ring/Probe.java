// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.jni.KernelException;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What works here, found out by trying it on a small ring. */
public final class Probe {
    private static final int SQ_ENTRIES = 8;
    private static final int CQ_ENTRIES = 16;
    private static final int BUFFER_RING_ENTRIES = 2;
    private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int PAGE = 4096;

    private final Throwable failure;
    private final Set<Feature> features;

    private Probe(Throwable failure, Set<Feature> features) {
        this.failure = failure;
        this.features = Collections.unmodifiableSet(features);
    }

    /** Tries everything; never throws. */
    public static Probe run() {
        Set<Feature> found = EnumSet.noneOf(Feature.class);
        if (Native.loadFailure() != null) {
            return new Probe(Native.loadFailure(), found);
        }
        try {
            tryFeatures(Feature.allowed(), found);
            return new Probe(null, found);
        } catch (IOException | RuntimeException | LinkageError e) { // a library of another version lacks functions
            return new Probe(e, EnumSet.noneOf(Feature.class));
        }
    }

    private static void tryFeatures(Set<Feature> allowed, Set<Feature> found) throws IOException {
        if (allowed.contains(Feature.NO_SQARRAY) && opensWith(Feature.NO_SQARRAY)) {
            found.add(Feature.NO_SQARRAY);
        }
        if (allowed.contains(Feature.CACHESTAT) && tellsWhatIsCached()) {
            found.add(Feature.CACHESTAT);
        }
        Set<Feature> tried = EnumSet.of(Feature.REGISTERED_RING, Feature.NO_IOWAIT);
        tried.retainAll(allowed);
        try (Ring ring = PatientSetup.open(SQ_ENTRIES, CQ_ENTRIES, tried)) {
            ring.enable();
            if (ring.entersThroughRegisteredFd()) {
                found.add(Feature.REGISTERED_RING);
            }
            if (ring.waitsWithoutIowait()) {
                found.add(Feature.NO_IOWAIT);
            }
            if (allowed.contains(Feature.SEND_ZC) && sendsZeroCopy(ring)) {
                found.add(Feature.SEND_ZC);
                if (allowed.contains(Feature.FIXED_SENDMSG) && sendsFixedMessages(ring)) {
                    found.add(Feature.FIXED_SENDMSG);
                }
            }
            if (allowed.contains(Feature.FIXED_BUFFERS) && registersTable(ring)) {
                found.add(Feature.FIXED_BUFFERS);
                if (allowed.contains(Feature.CLONE_BUFFERS) && clonesTo(ring)) {
                    found.add(Feature.CLONE_BUFFERS);
                }
            }
            if (allowed.contains(Feature.PBUF_RING) && registersBufferRing(ring, false)) {
                found.add(Feature.PBUF_RING);
                if (allowed.contains(Feature.PBUF_INC) && registersBufferRing(ring, true) && keepsOrder(ring)) {
                    found.add(Feature.PBUF_INC);
                }
            }
        }
    }

    /** Without a file the call, where there is one, fails for that reason. */
    private static boolean tellsWhatIsCached() throws IOException {
        try (MappedMemory memory = MappedMemory.anonymous(PAGE, true)) {
            long pages = memory.address() + FileAbi.CACHESTAT_RANGE_SIZE;
            return Native.cachestat(-1, memory.address(), pages, 0) == -Errno.EBADF;
        }
    }

    private static boolean opensWith(Feature feature) throws IOException {
        try {
            PatientSetup.open(SQ_ENTRIES, CQ_ENTRIES, EnumSet.of(feature)).close();
            return true;
        } catch (RingSetupException e) {
            if (e.errno() == Errno.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    private static boolean sendsZeroCopy(Ring ring) throws IOException {
        return isUnderstood(ring, new Attempt(Abi.IORING_OP_SEND_ZC, Abi.IORING_SEND_ZC_REPORT_USAGE, 0));
    }

    private static boolean sendsFixedMessages(Ring ring) throws IOException {
        try (MappedMemory emptyMessage = MappedMemory.anonymous(SocketAbi.MSGHDR_SIZE, true)) {
            return isUnderstood(
                    ring,
                    new Attempt(
                            Abi.IORING_OP_SENDMSG_ZC,
                            Abi.IORING_SEND_ZC_REPORT_USAGE | Abi.IORING_RECVSEND_FIXED_BUF,
                            emptyMessage.address()));
        }
    }

    /** Without a socket a send that the kernel understands fails for that reason, and no sooner. */
    private static boolean isUnderstood(Ring ring, Attempt attempt) throws IOException {
        ring.submit(attempt, attempt);
        try (Wakeup wakeup = new Wakeup()) {
            while (attempt.isInFlight()) {
                ring.enterAndWait(ATTEMPT_NANOS);
                ring.dispatchCompletions(wakeup);
            }
        }
        return attempt.result == -Errno.EBADF;
    }

    /** A send to nowhere. */
    private static final class Attempt extends Operation implements Operation.Owner {
        private final int opcode;
        private final int ioprio;
        private final long address;
        private int result;

        Attempt(int opcode, int ioprio, long address) {
            this.opcode = opcode;
            this.ioprio = ioprio;
            this.address = address;
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(opcode, -1).ioprio(ioprio).addr(address);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            if ((flags & Abi.IORING_CQE_F_NOTIF) == 0) {
                this.result = result; // the notification comes after a failure as well
            }
        }

        @Override
        public void ended(Operation operation) {}

        @Override
        public void threw(Operation operation, Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    private static boolean clonesTo(Ring ring) throws IOException {
        try (Ring other = PatientSetup.open(SQ_ENTRIES, CQ_ENTRIES, EnumSet.noneOf(Feature.class));
                MappedMemory memory = MappedMemory.anonymous(PAGE, true)) {
            other.enable();
            return registersTable(other)
                    && isDone("BUFFERS_UPDATE", () -> FixedBuffers.update(other.fd(), 0, memory.address(), PAGE))
                    && isDone("CLONE_BUFFERS", () -> FixedBuffers.cloneFrom(other.fd(), ring.fd(), 0));
        }
    }

    private static boolean registersTable(Ring ring) throws IOException {
        return isDone("BUFFERS2", () -> FixedBuffers.registerTable(ring.fd(), 1));
    }

    private static boolean registersBufferRing(Ring ring, boolean incremental) throws IOException {
        int group = incremental ? 1 : 0;
        try (MappedMemory memory = MappedMemory.anonymous(BUFFER_RING_ENTRIES * Abi.BUF_SIZE, true)) {
            boolean registered = isDone(
                    "PBUF_RING",
                    () -> ProvidedBuffers.register(
                            ring.fd(), memory.address(), BUFFER_RING_ENTRIES, group, incremental));
            if (registered) {
                ProvidedBuffers.unregister(ring.fd(), group);
            }
            return registered;
        }
    }

    private static boolean keepsOrder(Ring ring) throws IOException {
        try {
            return CompletionOrder.isKept(ring);
        } catch (KernelException e) {
            if (Errno.isShortage(e.errno())) {
                throw e;
            }
            return false; // without sockets that cannot be told
        }
    }

    private interface Registration {
        int attempt() throws IOException;
    }

    /** Whether the kernel knows how to; memory that is wanting for a moment does not mean that it does not. */
    private static boolean isDone(String what, Registration registration) throws IOException {
        try {
            return PatientSetup.retried(() -> {
                int result = registration.attempt();
                if (result == -Errno.ENOMEM) {
                    throw Errno.newIOException("io_uring_register(IORING_REGISTER_" + what + ')', result);
                }
                return result >= 0;
            });
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOMEM) {
                return false; // and so it is in what loops would do with it
            }
            throw e;
        }
    }

    /** Why nothing works; {@code null} if it does. */
    public Throwable failure() {
        return failure;
    }

    /** Whether nothing works for want of something that may be there another time: file descriptors, memory. */
    public boolean mayPass() {
        return failure instanceof KernelException && Errno.isShortage(((KernelException) failure).errno());
    }

    /** The features of newer kernels that work and are not switched off. */
    public Set<Feature> features() {
        return features;
    }
}
