// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** What a submission can be made into so that its outcome is one that the original might have had. */
final class SubmissionChange {
    private SubmissionChange() {}

    static boolean isMultishot(int opcode, ByteBuffer sqe) {
        switch (opcode) {
            case Abi.IORING_OP_RECV:
            case Abi.IORING_OP_RECVMSG:
                return (sqe.getShort(Abi.SQE_IOPRIO) & Abi.IORING_RECV_MULTISHOT) != 0;
            case Abi.IORING_OP_ACCEPT:
                return (sqe.getShort(Abi.SQE_IOPRIO) & Abi.IORING_ACCEPT_MULTISHOT) != 0;
            default:
                return false;
        }
    }

    /** Makes it end with its first completion; {@code false} if that is not possible. */
    static boolean endMultishot(int opcode, ByteBuffer sqe) {
        if (opcode == Abi.IORING_OP_POLL_ADD) {
            sqe.putInt(Abi.SQE_LEN, sqe.getInt(Abi.SQE_LEN) & ~Abi.IORING_POLL_ADD_MULTI);
            return true;
        }
        // a message's buffer begins with a header only if it is multishot
        if (opcode == Abi.IORING_OP_RECVMSG || !isMultishot(opcode, sqe)) {
            return false;
        }
        int flag = opcode == Abi.IORING_OP_RECV ? Abi.IORING_RECV_MULTISHOT : Abi.IORING_ACCEPT_MULTISHOT;
        sqe.putShort(Abi.SQE_IOPRIO, (short) (sqe.getShort(Abi.SQE_IOPRIO) & ~flag));
        return true;
    }

    /** Has it read or write less. Returns memory that must stay until it has, or {@code null}. */
    static ByteBuffer shorten(int opcode, ByteBuffer sqe, Random random) {
        if (Kernel.isDatagramSocket(sqe.getInt(Abi.SQE_FD))) {
            return null;
        }
        int length = sqe.getInt(Abi.SQE_LEN);
        switch (opcode) {
            case Abi.IORING_OP_SENDMSG:
            case Abi.IORING_OP_SENDMSG_ZC:
                return shortenMessage(sqe, random);
            case Abi.IORING_OP_RECV:
                if (length == 0
                        && (sqe.get(Abi.SQE_FLAGS) & Abi.IOSQE_BUFFER_SELECT)
                                != 0) { // as much as the provided buffer takes
                    sqe.putInt(Abi.SQE_LEN, 1 + random.nextInt(1 << (1 + random.nextInt(16))));
                    return null;
                }
                break;
            case Abi.IORING_OP_SEND:
            case Abi.IORING_OP_SEND_ZC:
            case Abi.IORING_OP_READ:
            case Abi.IORING_OP_READ_FIXED:
            case Abi.IORING_OP_WRITE:
            case Abi.IORING_OP_WRITE_FIXED:
            case Abi.IORING_OP_SPLICE:
                break;
            default:
                return null;
        }
        if (length > 1) {
            sqe.putInt(Abi.SQE_LEN, 1 + random.nextInt(length - 1));
        }
        return null;
    }

    private static ByteBuffer shortenMessage(ByteBuffer sqe, Random random) {
        ByteBuffer original = Kernel.memory(sqe.getLong(Abi.SQE_ADDR), SocketAbi.MSGHDR_SIZE);
        int count = (int) original.getLong(SocketAbi.MSGHDR_IOVLEN);
        if (original.getLong(SocketAbi.MSGHDR_CONTROLLEN) != 0 || count == 0) {
            return null;
        }
        ByteBuffer iovecs = Kernel.memory(original.getLong(SocketAbi.MSGHDR_IOV), (long) count * SocketAbi.IOVEC_SIZE);
        int fewer = 1 + random.nextInt(count);
        ByteBuffer changed = ByteBuffer.allocateDirect(SocketAbi.MSGHDR_SIZE + fewer * SocketAbi.IOVEC_SIZE)
                .order(ByteOrder.nativeOrder());
        long address = Native.directBufferAddress(changed);
        changed.put(0, original, 0, SocketAbi.MSGHDR_SIZE);
        changed.put(SocketAbi.MSGHDR_SIZE, iovecs, 0, fewer * SocketAbi.IOVEC_SIZE);
        changed.putLong(SocketAbi.MSGHDR_IOV, address + SocketAbi.MSGHDR_SIZE);
        changed.putLong(SocketAbi.MSGHDR_IOVLEN, fewer);
        int last = SocketAbi.MSGHDR_SIZE + (fewer - 1) * SocketAbi.IOVEC_SIZE + SocketAbi.IOVEC_LEN;
        long length = changed.getLong(last);
        if (length > 1) {
            changed.putLong(last, 1 + random.nextInt((int) length - 1));
        }
        sqe.putLong(Abi.SQE_ADDR, address);
        return changed;
    }
}
