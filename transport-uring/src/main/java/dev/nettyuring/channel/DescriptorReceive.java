// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * One RECVMSG of one byte and what descriptors come with it. The byte is thrown away: it is only there because a stream
 * carries no descriptor without. One byte and no more, so that bytes that follow are there when the channel's user switches
 * back to reading bytes. Loop thread only.
 */
final class DescriptorReceive extends Operation {
    /** SCM_MAX_FD of the kernel. */
    private static final int MAX_DESCRIPTORS = 253;
    /** For other control messages that the user may have asked the kernel for, such as SO_PASSCRED's. */
    private static final int OTHER_CONTROL = 256;

    private static final int IOVEC = SocketAbi.MSGHDR_SIZE;
    private static final int DATA = IOVEC + SocketAbi.IOVEC_SIZE;
    /** Where the control messages begin. */
    static final int CONTROL = DATA + Long.BYTES;

    private static final int CONTROL_SIZE =
            align(SocketAbi.CMSGHDR_SIZE + MAX_DESCRIPTORS * Integer.BYTES) + OTHER_CONTROL;

    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private NativeBlocks.Block block;

    DescriptorReceive(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    private static int align(int length) {
        return length + Long.BYTES - 1 & -Long.BYTES;
    }

    /** Receives, now or when there is memory to. */
    void submit() {
        if (block == null) {
            block = receiver.allocateBlock(CONTROL + CONTROL_SIZE);
        }
        if (block != null) {
            channel.submit(this);
        }
    }

    @Override
    protected void encode(Submission sqe) {
        ByteBuffer memory = block.buffer();
        for (int i = 0; i < SocketAbi.MSGHDR_SIZE; i += Long.BYTES) {
            memory.putLong(i, 0);
        }
        memory.putLong(SocketAbi.MSGHDR_IOV, block.address() + IOVEC);
        memory.putLong(SocketAbi.MSGHDR_IOVLEN, 1);
        memory.putLong(SocketAbi.MSGHDR_CONTROL, block.address() + CONTROL);
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, CONTROL_SIZE);
        memory.putLong(IOVEC + SocketAbi.IOVEC_BASE, block.address() + DATA);
        memory.putLong(IOVEC + SocketAbi.IOVEC_LEN, 1);
        sqe.operation(Abi.IORING_OP_RECVMSG, channel.socket().fd())
                .addr(block.address())
                .len(1)
                .operationFlags(SocketAbi.MSG_CMSG_CLOEXEC);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        List<ReceivedDescriptor> descriptors = result < 0 ? List.of() : descriptors();
        block.free();
        block = null;
        for (ReceivedDescriptor descriptor : descriptors) {
            receiver.received(descriptor); // which closes it if the channel is closed
        }
        if (!channel.isOpen()) {
            return;
        }
        if (result > 0 || Errno.isTransient(-result)) {
            receiver.goOn();
        } else {
            receiver.streamEnded(result);
        }
    }

    private List<ReceivedDescriptor> descriptors() {
        List<ReceivedDescriptor> descriptors = new ArrayList<>(1);
        read(block.buffer(), CONTROL_SIZE, fd -> descriptors.add(new ReceivedDescriptor(fd)));
        return descriptors;
    }

    /** Reads the descriptors of a message whose {@code struct msghdr} the memory begins with. */
    static void read(ByteBuffer memory, int controlRoom, IntConsumer descriptors) {
        DatagramHeader header = new DatagramHeader();
        header.readOnce(memory, 0, 0, 0, CONTROL, controlRoom, 1, 1);
        while (header.nextControl()) {
            if (header.isControl(SocketAbi.SOL_SOCKET, SocketAbi.SCM_RIGHTS, Integer.BYTES)) {
                int count = header.controlLength() / Integer.BYTES;
                for (int i = 0; i < count; i++) {
                    descriptors.accept(memory.getInt(header.controlAt() + i * Integer.BYTES));
                }
            }
        }
    }

    @Override
    public String toString() {
        return "RECVMSG on " + channel;
    }
}
