// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;

/**
 * What the kernel says of a datagram that it received, and where in memory: the sender's address, control messages, the
 * payload. Whatever the kernel says is held against the bounds of the memory. Loop thread only; one for many datagrams.
 */
final class DatagramHeader {
    private static final int CONTROL_ALIGNMENT = Long.BYTES;

    private ByteBuffer memory;
    private int nameAt;
    private int nameLength;
    private int payloadAt;
    private int payloadLength;
    private int sentLength;
    private int flags;
    private int control;
    private int nextControl;
    private int controlEnd;

    /**
     * Reads what a multishot RECVMSG wrote: a {@code struct io_uring_recvmsg_out}, room for the sender's address, room for
     * control messages, the payload.
     *
     * @param start where in the memory
     * @param length how many bytes, as the completion says
     * @return {@code false} if that cannot be
     */
    boolean readMultishot(ByteBuffer memory, int start, int length, int nameRoom, int controlRoom) {
        int headerLength = Abi.RECVMSG_OUT_SIZE + nameRoom + controlRoom;
        if (start < 0 || length < headerLength || length > memory.capacity() - start) {
            return false;
        }
        this.memory = memory;
        nameAt = start + Abi.RECVMSG_OUT_SIZE;
        nameLength = atMost(nameRoom, memory.getInt(start + Abi.RECVMSG_OUT_NAMELEN));
        nextControl = nameAt + nameRoom;
        controlEnd = nextControl + atMost(controlRoom, memory.getInt(start + Abi.RECVMSG_OUT_CONTROLLEN));
        payloadAt = start + headerLength;
        payloadLength = length - headerLength;
        sentLength = memory.getInt(start + Abi.RECVMSG_OUT_PAYLOADLEN);
        flags = memory.getInt(start + Abi.RECVMSG_OUT_FLAGS);
        return true;
    }

    /**
     * Reads what a RECVMSG wrote to its {@code struct msghdr}.
     *
     * @param header where in the memory that is; the sender's address and control messages lie in the same memory
     * @param length the result: with MSG_TRUNC asked for, the length of what was sent
     * @param payloadRoom how much there was room for, elsewhere
     */
    void readOnce(
            ByteBuffer memory,
            int header,
            int nameAt,
            int nameRoom,
            int controlAt,
            int controlRoom,
            int length,
            int payloadRoom) {
        this.memory = memory;
        this.nameAt = nameAt;
        nameLength = atMost(nameRoom, memory.getInt(header + SocketAbi.MSGHDR_NAMELEN));
        nextControl = controlAt;
        controlEnd = controlAt + atMost(controlRoom, (int) memory.getLong(header + SocketAbi.MSGHDR_CONTROLLEN));
        payloadAt = 0;
        payloadLength = Math.min(length, payloadRoom);
        sentLength = length;
        flags = memory.getInt(header + SocketAbi.MSGHDR_FLAGS);
    }

    /** An unsigned number, or as much as there is room for. */
    private static int atMost(int room, int length) {
        return length < 0 || length > room ? room : length;
    }

    ByteBuffer memory() {
        return memory;
    }

    int nameAt() {
        return nameAt;
    }

    int nameLength() {
        return nameLength;
    }

    int payloadAt() {
        return payloadAt;
    }

    /** How many bytes of payload were received. */
    int payloadLength() {
        return payloadLength;
    }

    /** How many bytes of payload were sent. */
    int sentLength() {
        return sentLength;
    }

    /** Whether the datagram was larger than what it was received into. */
    boolean isTruncated() {
        return (flags & SocketAbi.MSG_TRUNC) != 0 || sentLength > payloadLength;
    }

    /** Moves on to the next control message; {@code false} if there is none, or none that is whole. */
    boolean nextControl() {
        int left = controlEnd - nextControl;
        if (left < SocketAbi.CMSGHDR_SIZE) {
            return false;
        }
        long length = memory.getLong(nextControl + SocketAbi.CMSGHDR_LEN);
        if (length < SocketAbi.CMSGHDR_SIZE || length > left) {
            return false;
        }
        control = nextControl;
        nextControl += (int) Math.min(left, (length + CONTROL_ALIGNMENT - 1) & -CONTROL_ALIGNMENT);
        return true;
    }

    /** Whether the control message is of that kind, and has at least so many bytes of data. */
    boolean isControl(int level, int type, int dataLength) {
        return memory.getInt(control + SocketAbi.CMSGHDR_LEVEL) == level
                && memory.getInt(control + SocketAbi.CMSGHDR_TYPE) == type
                && memory.getLong(control + SocketAbi.CMSGHDR_LEN) - SocketAbi.CMSGHDR_SIZE >= dataLength;
    }

    /** Where the control message's data begins. */
    int controlAt() {
        return control + SocketAbi.CMSGHDR_SIZE;
    }

    /** How many bytes of data the control message has. */
    int controlLength() {
        return (int) memory.getLong(control + SocketAbi.CMSGHDR_LEN) - SocketAbi.CMSGHDR_SIZE;
    }

    /** How many bytes of memory a control message takes. */
    static int controlSpace(int dataLength) {
        return SocketAbi.CMSGHDR_SIZE + ((dataLength + CONTROL_ALIGNMENT - 1) & -CONTROL_ALIGNMENT);
    }

    /** Writes a control message but for its data. Returns where the next one begins. */
    static int writeControl(ByteBuffer memory, int at, int level, int type, int dataLength) {
        memory.putLong(at + SocketAbi.CMSGHDR_LEN, SocketAbi.CMSGHDR_SIZE + dataLength);
        memory.putInt(at + SocketAbi.CMSGHDR_LEVEL, level);
        memory.putInt(at + SocketAbi.CMSGHDR_TYPE, type);
        return at + controlSpace(dataLength);
    }
}
