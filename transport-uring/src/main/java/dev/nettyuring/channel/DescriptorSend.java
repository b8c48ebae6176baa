// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.nio.ByteBuffer;

/**
 * One SENDMSG that passes a file descriptor. One byte goes with it, without which a stream carries none; that is how Netty's
 * transports pass descriptors as well. Loop thread only.
 */
final class DescriptorSend extends Operation {
    private static final int IOVEC = SocketAbi.MSGHDR_SIZE;
    private static final int CONTROL = IOVEC + SocketAbi.IOVEC_SIZE;
    private static final int CONTROL_SIZE = SocketAbi.CMSGHDR_SIZE + Long.BYTES;
    private static final int DATA = CONTROL + CONTROL_SIZE;
    private static final int SIZE = DATA + Long.BYTES;

    private final UringStreamChannel channel;
    private final StreamSender sender;
    private PassedDescriptor descriptor;
    private NativeBlocks.Block block;

    DescriptorSend(UringStreamChannel channel, StreamSender sender) {
        this.channel = channel;
        this.sender = sender;
    }

    void submit(PassedDescriptor descriptor) {
        this.descriptor = descriptor;
        descriptor.retain();
        try {
            channel.submit(this);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    @Override
    protected void encode(Submission sqe) {
        block = channel.handler().blocks().allocate(SIZE);
        ByteBuffer memory = block.buffer();
        for (int i = 0; i < SIZE; i += Long.BYTES) {
            memory.putLong(i, 0);
        }
        memory.putLong(SocketAbi.MSGHDR_IOV, block.address() + IOVEC);
        memory.putLong(SocketAbi.MSGHDR_IOVLEN, 1);
        memory.putLong(SocketAbi.MSGHDR_CONTROL, block.address() + CONTROL);
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, CONTROL_SIZE);
        memory.putLong(IOVEC + SocketAbi.IOVEC_BASE, block.address() + DATA);
        memory.putLong(IOVEC + SocketAbi.IOVEC_LEN, 1);
        memory.putLong(CONTROL + SocketAbi.CMSGHDR_LEN, SocketAbi.CMSGHDR_SIZE + Integer.BYTES);
        memory.putInt(CONTROL + SocketAbi.CMSGHDR_LEVEL, SocketAbi.SOL_SOCKET);
        memory.putInt(CONTROL + SocketAbi.CMSGHDR_TYPE, SocketAbi.SCM_RIGHTS);
        memory.putInt(CONTROL + SocketAbi.CMSGHDR_SIZE, descriptor.fd());
        sqe.operation(Abi.IORING_OP_SENDMSG, channel.socket().fd())
                .addr(block.address())
                .len(1)
                .operationFlags(channel.sendFlags());
    }

    private void release() {
        descriptor.release();
        descriptor = null;
        if (block != null) {
            block.free();
            block = null;
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        release();
        sender.descriptorSent(result);
    }

    @Override
    public String toString() {
        return "SENDMSG of a file descriptor on " + channel;
    }
}
