// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.microbench.BufferBenchmark;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The two queues without a kernel: entries are written into memory like that which the kernel maps, and it is claimed to
 * have taken them, and completed them.
 */
@State(Scope.Thread)
public class QueueBenchmark extends BufferBenchmark {
    private static final int ENTRIES = 64;
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int SQ_MASK = 8;
    private static final int SQ_FLAGS = 12;
    private static final int CQ_HEAD = 16;
    private static final int CQ_TAIL = 20;
    private static final int CQ_MASK = 24;
    private static final int CQES = 64;
    private static final int BUFFER_LENGTH = 4096;
    private static final int MESSAGE_BYTES = 64;

    private final ByteBuffer ring = direct(CQES + ENTRIES * Abi.CQE_SIZE);
    private final OperationTable table = new OperationTable();
    private final Receive operation = new Receive();
    private SubmissionQueue submissions;
    private CompletionQueue completions;
    private long userData;

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Lays the queues out as the kernel would. */
    @Setup
    public void setUp() {
        ByteBuffer params = direct(Abi.PARAMS_SIZE);
        params.putInt(Abi.PARAMS_SQ_ENTRIES, ENTRIES).putInt(Abi.PARAMS_CQ_ENTRIES, ENTRIES);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_HEAD, SQ_HEAD);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_TAIL, SQ_TAIL);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_RING_MASK, SQ_MASK);
        params.putInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_FLAGS, SQ_FLAGS);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_HEAD, CQ_HEAD);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_TAIL, CQ_TAIL);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_RING_MASK, CQ_MASK);
        params.putInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_CQES, CQES);
        ring.putInt(SQ_MASK, ENTRIES - 1).putInt(CQ_MASK, ENTRIES - 1);
        submissions = new SubmissionQueue(ring, params, direct(ENTRIES * Abi.SQE_SIZE), false);
        completions = new CompletionQueue(ring, params);
        userData = table.add(operation);
        operation.begin(userData, null);
        for (int i = 0; i < ENTRIES; i++) {
            int cqe = CQES + i * Abi.CQE_SIZE;
            ring.putLong(cqe + Abi.CQE_USER_DATA, userData);
            ring.putInt(cqe + Abi.CQE_RES, MESSAGE_BYTES);
            ring.putInt(cqe + Abi.CQE_FLAGS, Abi.IORING_CQE_F_MORE);
        }
    }

    /** Writes a SEND; every 64 are published together. */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public int writeSubmission() {
        for (int i = 0; i < ENTRIES; i++) {
            submissions
                    .next()
                    .operation(Abi.IORING_OP_SEND, i)
                    .addr(i)
                    .len(BUFFER_LENGTH)
                    .userData(userData);
        }
        int pending = submissions.publish();
        ring.putInt(SQ_HEAD, ring.getInt(SQ_TAIL));
        return pending;
    }

    /** Takes a completion and gives it to its operation, found in the table; the room of every 64 is given back together. */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public long dispatchCompletion() {
        ring.putInt(CQ_TAIL, ring.getInt(CQ_TAIL) + ENTRIES);
        while (completions.next()) {
            int flags = completions.flags();
            table.find(completions.userData())
                    .completed(completions.result(), flags, (flags & Abi.IORING_CQE_F_MORE) == 0);
        }
        completions.release();
        return operation.received;
    }

    private static final class Receive extends Operation {
        private long received;

        @Override
        protected void encode(Submission sqe) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            received += result;
        }
    }
}
