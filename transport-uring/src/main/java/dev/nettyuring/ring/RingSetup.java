// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Host;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;

/** A ring as io_uring_setup(2) makes it, disabled, with the memory that it shares with us. */
final class RingSetup implements AutoCloseable {
    private static final int BASE_FLAGS = Abi.IORING_SETUP_CQSIZE
            | Abi.IORING_SETUP_CLAMP
            | Abi.IORING_SETUP_R_DISABLED
            | Abi.IORING_SETUP_SUBMIT_ALL
            | Abi.IORING_SETUP_SINGLE_ISSUER
            | Abi.IORING_SETUP_DEFER_TASKRUN
            | Abi.IORING_SETUP_TASKRUN_FLAG;
    private static final int NEEDED_FEATURES = Abi.IORING_FEAT_SINGLE_MMAP
            | Abi.IORING_FEAT_NODROP
            | Abi.IORING_FEAT_SUBMIT_STABLE
            | Abi.IORING_FEAT_EXT_ARG
            | Abi.IORING_FEAT_CQE_SKIP;

    final int fd;
    final EnterArgument argument;
    final SubmissionQueue submissionQueue;
    final CompletionQueue completionQueue;
    /** Whether the kernel knows how to. */
    final boolean canDoWithoutIowait;

    private final MappedMemory rings;
    private final MappedMemory sqes;

    private RingSetup(int fd, ByteBuffer params, boolean indexArray) throws IOException {
        this.fd = fd;
        canDoWithoutIowait = (params.getInt(Abi.PARAMS_FEATURES) & Abi.IORING_FEAT_NO_IOWAIT) != 0;
        int sqBytes = params.getInt(Abi.PARAMS_SQ_OFF + Abi.SQRING_OFFSETS_ARRAY)
                + (indexArray ? params.getInt(Abi.PARAMS_SQ_ENTRIES) * Integer.BYTES : 0);
        int cqBytes = params.getInt(Abi.PARAMS_CQ_OFF + Abi.CQRING_OFFSETS_CQES)
                + params.getInt(Abi.PARAMS_CQ_ENTRIES) * Abi.CQE_SIZE;
        MappedMemory rings = MappedMemory.shared(fd, Math.max(sqBytes, cqBytes), Abi.IORING_OFF_SQ_RING);
        MappedMemory sqes = null;
        try {
            sqes = MappedMemory.shared(fd, params.getInt(Abi.PARAMS_SQ_ENTRIES) * Abi.SQE_SIZE, Abi.IORING_OFF_SQES);
            argument = new EnterArgument();
        } catch (IOException e) {
            rings.close();
            if (sqes != null) {
                sqes.close();
            }
            throw e;
        }
        this.rings = rings;
        this.sqes = sqes;
        submissionQueue = new SubmissionQueue(rings.buffer(), params, sqes.buffer(), indexArray);
        completionQueue = new CompletionQueue(rings.buffer(), params);
    }

    /** Sets one up, or fails and leaves nothing. */
    static RingSetup of(int sqEntries, int cqEntries, Set<Feature> features) throws IOException {
        boolean indexArray = !features.contains(Feature.NO_SQARRAY);
        try (MappedMemory params = MappedMemory.anonymous(Abi.PARAMS_SIZE, true)) {
            ByteBuffer buffer = params.buffer();
            buffer.putInt(Abi.PARAMS_FLAGS, BASE_FLAGS | (indexArray ? 0 : Abi.IORING_SETUP_NO_SQARRAY));
            buffer.putInt(Abi.PARAMS_CQ_ENTRIES, cqEntries);
            int fd = Native.ioUringSetup(sqEntries, params.address());
            if (fd < 0) {
                throw new RingSetupException("io_uring_setup", fd, sqEntries, cqEntries);
            }
            try {
                int missing = NEEDED_FEATURES & ~buffer.getInt(Abi.PARAMS_FEATURES);
                if (missing != 0) {
                    throw new IOException("this kernel, " + Host.current().kernelRelease()
                            + ", lacks io_uring features 0x" + Integer.toHexString(missing));
                }
                return new RingSetup(fd, buffer, indexArray);
            } catch (IOException e) {
                Native.close(fd);
                throw e;
            }
        }
    }

    @Override
    public void close() {
        sqes.close();
        rings.close();
        argument.close();
        Native.close(fd);
    }
}
