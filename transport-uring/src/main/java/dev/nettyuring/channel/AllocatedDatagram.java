// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakHint;
import java.nio.ByteBuffer;

/**
 * Where the kernel has no ring of buffers, or none left in it: a POLL until there is something, and then one RECVMSG into a
 * buffer of the channel's allocator, so that no idle channel holds memory. Loop thread only.
 */
final class AllocatedDatagram extends AllocatingReceive implements ResourceLeakHint {
    private static final int MAX_PAYLOAD = 64 << 10;
    /** A datagram that fills no more than this part of what was allocated is copied to memory of its own. */
    private static final int WASTE = 4;

    private final AbstractUringDatagramChannel channel;
    private final DatagramReceiver receiver;
    private final DatagramHeader header = new DatagramHeader();
    private ByteBuf buffer;
    /** The msghdr, an iovec, the sender's address, control messages; {@code null} but for the RECVMSG. */
    private NativeBlocks.Block block;

    private int nameRoom;
    private int controlRoom;
    private boolean handingOn;

    AllocatedDatagram(AbstractUringDatagramChannel channel, DatagramReceiver receiver) {
        super(channel, receiver);
        this.channel = channel;
        this.receiver = receiver;
    }

    /** Whether it has been told that there is something, and is fetching it. */
    boolean isReading() {
        return block != null;
    }

    /** Handing on what it received, it goes on by itself: nobody else is to submit it. */
    boolean isHandingOn() {
        return handingOn;
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = channel.socket().fd();
        if (block == null) {
            sqe.operation(Abi.IORING_OP_POLL_ADD, fd).operationFlags(SocketAbi.POLLIN);
        } else {
            sqe.operation(Abi.IORING_OP_RECVMSG, fd)
                    .addr(block.address())
                    .len(1)
                    .operationFlags(SocketAbi.MSG_DONTWAIT | SocketAbi.MSG_TRUNC);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (block == null) {
            ready(result);
            return;
        }
        ByteBuf received = buffer;
        NativeBlocks.Block described = block;
        buffer = null;
        block = null;
        if (channel.isOnLoop()) {
            receiver.callAtTurnEnd();
        }
        try {
            if (result >= 0 && channel.isOpen()) {
                handOn(received, described, result);
            } else {
                received.release();
            }
        } finally {
            described.free();
        }
        if (channel.isOpen()) {
            goOn(result);
        }
    }

    private void ready(int result) {
        if (result > 0 && receiver.isWanted() && receiver.canReceive()) {
            receive();
        } else if (channel.isOpen() && (result >= 0 || Errno.isTransient(-result))) {
            receiver.armIfWanted();
        } else if (channel.isOpen()) {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    private void handOn(ByteBuf received, NativeBlocks.Block described, int result) {
        header.readOnce(
                described.buffer(), 0, nameAt(), nameRoom, controlAt(), controlRoom, result, received.capacity());
        channel.format().read(header);
        channel.handler().metrics().receivedAllocated();
        handingOn = true;
        try {
            receiver.received(header, payload(received, header.payloadLength()));
        } finally {
            handingOn = false;
        }
    }

    private ByteBuf payload(ByteBuf received, int length) {
        received.writerIndex(length);
        if (length > received.capacity() / WASTE) {
            return received;
        }
        ByteBuf copy;
        try {
            copy = channel.config().getAllocator().directBuffer(length);
        } catch (RuntimeException | OutOfMemoryError e) {
            return received; // holds the same, and more memory
        }
        copy.writeBytes(received).touch(this);
        received.release();
        return copy;
    }

    private void goOn(int result) {
        if (result >= 0 && (receiver.isOpen() || receiver.isWanted()) && receiver.canReceive()) {
            receive();
        } else if (result >= 0 || Errno.isTransient(-result)) {
            receiver.armIfWanted();
        } else {
            receiver.failed(result);
        }
    }

    private void receive() {
        int payload = channel.payloadRoom();
        int size = payload == AbstractUringDatagramChannel.ANY_SIZE ? MAX_PAYLOAD : payload;
        buffer = allocate(size);
        if (buffer == null) {
            return;
        }
        nameRoom = channel.format().nameRoom();
        controlRoom = channel.format().controlRoom();
        block = receiver.allocateBlock(controlAt() + controlRoom);
        if (block == null) {
            buffer.release();
            buffer = null;
            return;
        }
        describe();
        buffer.touch(this);
        channel.submit(this);
    }

    private int nameAt() {
        return SocketAbi.MSGHDR_SIZE + SocketAbi.IOVEC_SIZE;
    }

    private int controlAt() {
        return nameAt() + nameRoom;
    }

    private void describe() {
        ByteBuffer memory = block.buffer();
        for (int i = 0; i < SocketAbi.MSGHDR_SIZE; i += Long.BYTES) {
            memory.putLong(i, 0);
        }
        memory.putLong(SocketAbi.MSGHDR_NAME, block.address() + nameAt());
        memory.putInt(SocketAbi.MSGHDR_NAMELEN, nameRoom);
        memory.putLong(SocketAbi.MSGHDR_IOV, block.address() + SocketAbi.MSGHDR_SIZE);
        memory.putLong(SocketAbi.MSGHDR_IOVLEN, 1);
        memory.putLong(SocketAbi.MSGHDR_CONTROL, block.address() + controlAt());
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, controlRoom);
        memory.putLong(SocketAbi.MSGHDR_SIZE + SocketAbi.IOVEC_BASE, MemoryAddress.of(buffer, 0));
        memory.putLong(SocketAbi.MSGHDR_SIZE + SocketAbi.IOVEC_LEN, buffer.capacity());
    }

    @Override
    public String toHintString() {
        return "RECVMSG on " + channel;
    }

    @Override
    public String toString() {
        return (block == null ? "POLL before RECVMSG on " : "RECVMSG on ") + channel;
    }
}
