// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import java.nio.ByteBuffer;

/**
 * The submission queue entry that is being written: {@code struct io_uring_sqe}, field by field under the kernel's names.
 * There is one object a queue; it is valid until the next entry is asked for. Fields that are not set are 0.
 */
public final class Submission {
    private final ByteBuffer sqes;
    private int base;

    Submission(ByteBuffer sqes) {
        this.sqes = sqes;
    }

    /** The entry at a place, as it is. */
    Submission of(int index) {
        base = index * Abi.SQE_SIZE;
        return this;
    }

    /** The same, all zero. */
    Submission at(int index) {
        of(index);
        for (int word = 0; word < Abi.SQE_SIZE; word += Long.BYTES) {
            sqes.putLong(base + word, 0);
        }
        return this;
    }

    /** The operation (IORING_OP_*) and the file descriptor it works on. */
    public Submission operation(int opcode, int fd) {
        sqes.put(base + Abi.SQE_OPCODE, (byte) opcode);
        sqes.putInt(base + Abi.SQE_FD, fd);
        return this;
    }

    /** IOSQE_* flags. */
    public Submission flags(int flags) {
        sqes.put(base + Abi.SQE_FLAGS, (byte) flags);
        return this;
    }

    /** The operation's own 16 flags, such as IORING_RECV_MULTISHOT. */
    public Submission ioprio(int ioprio) {
        sqes.putShort(base + Abi.SQE_IOPRIO, (short) ioprio);
        return this;
    }

    /** An offset, or a second address. */
    public Submission off(long off) {
        sqes.putLong(base + Abi.SQE_OFF, off);
        return this;
    }

    /** The address of what the operation reads or writes. */
    public Submission addr(long addr) {
        sqes.putLong(base + Abi.SQE_ADDR, addr);
        return this;
    }

    /** A length in bytes, or a count. */
    public Submission len(int len) {
        sqes.putInt(base + Abi.SQE_LEN, len);
        return this;
    }

    /** The 32 flags that are the operation's: msg_flags, accept_flags, cancel_flags, poll32_events. */
    public Submission operationFlags(int flags) {
        sqes.putInt(base + Abi.SQE_RW_FLAGS, flags);
        return this;
    }

    /** The index of a registered buffer. */
    public Submission bufferIndex(int index) {
        sqes.putShort(base + Abi.SQE_BUF_INDEX, (short) index);
        return this;
    }

    /** The buffer group that IOSQE_BUFFER_SELECT takes from. */
    public Submission bufferGroup(short group) {
        sqes.putShort(base + Abi.SQE_BUF_INDEX, group);
        return this;
    }

    /** The file descriptor that IORING_OP_SPLICE reads from. */
    public Submission spliceFrom(int fd) {
        sqes.putInt(base + Abi.SQE_SPLICE_FD_IN, fd);
        return this;
    }

    Submission userData(long userData) {
        sqes.putLong(base + Abi.SQE_USER_DATA, userData);
        return this;
    }

    int opcode() {
        return sqes.get(base + Abi.SQE_OPCODE);
    }

    int fd() {
        return sqes.getInt(base + Abi.SQE_FD);
    }

    long userData() {
        return sqes.getLong(base + Abi.SQE_USER_DATA);
    }
}
