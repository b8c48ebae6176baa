// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakHint;

/**
 * Where the kernel has no ring of buffers, or none left in it: a POLL until there is something, and then one RECV into a
 * buffer of the channel's allocator, so that no idle connection holds memory. Loop thread only.
 */
final class AllocatedReceive extends AllocatingReceive implements ResourceLeakHint {
    private static final int MIN_SIZE = 2 << 10;
    private static final int MAX_SIZE = 64 << 10;

    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private ByteBuf buffer;
    private int nextSize = MIN_SIZE;
    private boolean handingOn;

    AllocatedReceive(UringStreamChannel channel, StreamReceiver receiver) {
        super(channel, receiver);
        this.channel = channel;
        this.receiver = receiver;
    }

    /** Whether it has been told that there is something, and is fetching it. */
    boolean isReading() {
        return buffer != null;
    }

    /** Handing on what it received, it goes on by itself: nobody else is to submit it. */
    boolean isHandingOn() {
        return handingOn;
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = channel.socket().fd();
        if (buffer == null) {
            sqe.operation(Abi.IORING_OP_POLL_ADD, fd).operationFlags(SocketAbi.POLLIN | SocketAbi.POLLRDHUP);
        } else {
            sqe.operation(Abi.IORING_OP_RECV, fd)
                    .addr(MemoryAddress.of(buffer, 0))
                    .len(buffer.capacity())
                    .operationFlags(SocketAbi.MSG_DONTWAIT);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if (buffer == null) {
            ready(result);
            return;
        }
        ByteBuf received = buffer;
        int size = received.capacity();
        buffer = null;
        if (!channel.isOpen()) {
            received.release();
            return;
        }
        if (channel.isOnLoop()) {
            receiver.callAtTurnEnd();
        }
        if (result > 0) {
            handOn(received.writerIndex(result), size);
        } else {
            received.release();
        }
        if (channel.isOpen()) {
            goOn(result, size);
        }
    }

    private void ready(int result) {
        if (result > 0 && receiver.isWanted() && receiver.canReceiveBytes()) {
            receive();
        } else if (channel.isOpen() && (result >= 0 || Errno.isTransient(-result))) {
            receiver.goOn();
        } else if (channel.isOpen()) {
            receiver.retryLater(); // the kernel had no memory, perhaps
        }
    }

    private void handOn(ByteBuf received, int size) {
        nextSize = sizeAfter(received.readableBytes(), size);
        channel.handler().metrics().receivedAllocated();
        handingOn = true;
        try {
            receiver.received(received);
        } finally {
            handingOn = false;
        }
    }

    private int sizeAfter(int received, int size) {
        if (received == size) {
            return Math.min(nextSize * 2, MAX_SIZE);
        }
        return received < nextSize / 4 ? Math.max(nextSize / 2, MIN_SIZE) : nextSize;
    }

    private void goOn(int result, int size) {
        if (result == size && receiver.goesOn() && receiver.canReceiveBytes()) {
            receive();
        } else if (result > 0 || Errno.isTransient(-result)) {
            receiver.goOn();
        } else {
            receiver.streamEnded(result);
        }
    }

    private void receive() {
        int size = Math.min(receiver.guess(), nextSize);
        if (!channel.canSubmit()) {
            return; // who was told of the allocator's fault closed it
        }
        buffer = allocate(size);
        if (buffer == null) {
            return;
        }
        buffer.touch(this);
        channel.submit(this);
    }

    @Override
    public String toHintString() {
        return "RECV on " + channel;
    }

    @Override
    public String toString() {
        return (buffer == null ? "POLL before RECV on " : "RECV on ") + channel;
    }
}
