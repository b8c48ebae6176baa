// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * The receiving half of a datagram channel: one multishot RECVMSG from the loop's provided buffers, armed from the first
 * {@code read()} on, or, without such buffers, one RECVMSG after another. As a stream's it stays armed while reading is
 * switched off, until a datagram comes that nobody wants. Loop thread only.
 */
final class DatagramReceiver extends BufferReadLoop<AddressedEnvelope<ByteBuf, ? extends SocketAddress>> {
    /** So many errors without a datagram in between are no longer those of single peers. */
    private static final int MAX_ERRORS = 64;

    private static final long RETRY_MILLIS = 100;

    private final AbstractUringDatagramChannel channel;
    private final Receive receive = new Receive();
    private final AllocatedDatagram allocated;
    private final DatagramHeader header = new DatagramHeader();
    /** Too many errors: receiving pauses for a moment. */
    private boolean failing;

    private int errors;

    DatagramReceiver(AbstractUringDatagramChannel channel) {
        super(channel);
        this.channel = channel;
        allocated = new AllocatedDatagram(channel, this);
    }

    Operation receive() {
        return receive;
    }

    Operation allocated() {
        return allocated;
    }

    @Override
    void arm() {
        if (isStarved() || failing || isReceiving() || !canReceive()) {
            return;
        }
        BufferSupply supply = chosenSupply();
        if (supply != null) {
            receive.submit(supply);
        } else {
            channel.submit(allocated);
        }
    }

    /** {@code null} if datagrams are to be received into allocated memory. */
    private BufferSupply chosenSupply() {
        if (!channel.handler().providesBuffers()) {
            return null;
        }
        int payload = channel.payloadRoom();
        return channel.handler()
                .groups()
                .datagrams(
                        payload == AbstractUringDatagramChannel.ANY_SIZE
                                ? ReceiveSizes.DATAGRAM_BUFFER
                                : headerLength() + payload);
    }

    private int headerLength() {
        return Abi.RECVMSG_OUT_SIZE
                + channel.format().nameRoom()
                + channel.format().controlRoom();
    }

    private boolean isReceiving() {
        return receive.isInFlight() || allocated.isInFlight() || allocated.isHandingOn();
    }

    boolean canReceive() {
        return channel.isActive() && channel.canSubmit();
    }

    /** What it is told about each datagram, or the size of what it receives, is different from now on. */
    void rearm() {
        if (channel.canSubmit()) {
            cancelArmed();
        }
    }

    @Override
    void goOn() {
        armIfWanted();
    }

    @Override
    void goOnAllocating() {
        if (isWanted() && !isReceiving() && canReceive()) {
            channel.submit(allocated);
        }
    }

    @Override
    void cancelArmed() {
        channel.handler().ring().cancel(receive);
        channel.handler().ring().cancel(allocated);
    }

    /** A datagram came whose header was read; the payload is the receiver's. */
    void received(DatagramHeader header, ByteBuf payload) {
        errors = 0;
        if (!channel.isOpen()) {
            payload.release();
        } else if (header.isTruncated()) {
            payload.release();
            channel.handler().metrics().truncated();
            channel.pipeline()
                    .fireUserEventTriggered(new UringDatagramTruncated(
                            channel.format().sender(), header.sentLength(), header.payloadLength()));
        } else {
            channel.format().deliver(payload, this);
            pauseUnlessWanted();
        }
    }

    /** A message was made. */
    void made(AddressedEnvelope<ByteBuf, ? extends SocketAddress> message) {
        if (channel.isOpen()) {
            arrived(message);
        } else {
            message.release(); // a handler closed the channel on the one before
        }
    }

    /** Receiving failed, mostly since something that was sent did: the channel goes on. */
    void failed(int result) {
        if (++errors > MAX_ERRORS && channel.isOnLoop()) {
            failing = true;
            channel.eventLoop().schedule(this::retry, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
        channel.pipeline().fireExceptionCaught(channel.format().failure("recvmsg", result));
        armIfWanted();
    }

    private void retry() {
        if (channel.eventLoop().inEventLoop()) { // and did not move to another
            failing = false;
            armIfWanted();
        }
    }

    @Override
    boolean isMoreToCome() {
        return allocated.isReading();
    }

    @Override
    void leaveLoop() {
        super.leaveLoop();
        failing = false;
    }

    @Override
    AddressedEnvelope<ByteBuf, ? extends SocketAddress> next(
            Deque<AddressedEnvelope<ByteBuf, ? extends SocketAddress>> inbox) {
        return inbox.pollFirst();
    }

    @Override
    int size(AddressedEnvelope<ByteBuf, ? extends SocketAddress> message) {
        return message.content().readableBytes();
    }

    /** What the kernel joined counts as before: the answer to a burst is not to wait for the next burst. */
    @Override
    int count(AddressedEnvelope<ByteBuf, ? extends SocketAddress> message) {
        int bytes = size(message);
        int segment = channel.format().segmentSize(message, bytes);
        return segment < bytes ? (bytes + segment - 1) / segment : 1;
    }

    @Override
    void discard(AddressedEnvelope<ByteBuf, ? extends SocketAddress> message) {
        message.release();
    }

    @Override
    public String toString() {
        return "receiver of " + channel;
    }

    /** Multishot RECVMSG: a completion for every datagram. */
    private final class Receive extends Operation {
        /** What it receives into, and how much it leaves for what, until its last completion. */
        private BufferSupply supply;

        private int nameRoom;
        private int controlRoom;
        private NativeBlocks.Block messageHeader;

        void submit(BufferSupply supply) {
            this.supply = supply;
            nameRoom = channel.format().nameRoom();
            controlRoom = channel.format().controlRoom();
            messageHeader = allocateBlock(SocketAbi.MSGHDR_SIZE);
            if (messageHeader == null) {
                return;
            }
            ByteBuffer memory = messageHeader.buffer();
            for (int i = 0; i < SocketAbi.MSGHDR_SIZE; i += Long.BYTES) {
                memory.putLong(i, 0);
            }
            memory.putInt(SocketAbi.MSGHDR_NAMELEN, nameRoom);
            memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, controlRoom);
            try {
                channel.submit(this);
            } catch (RuntimeException e) {
                messageHeader.free();
                throw e;
            }
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_RECVMSG, channel.socket().fd())
                    .flags(Abi.IOSQE_BUFFER_SELECT)
                    .ioprio(Abi.IORING_RECV_MULTISHOT)
                    .addr(messageHeader.address())
                    .len(1)
                    .operationFlags(SocketAbi.MSG_TRUNC) // the length that was sent, however little there is room for
                    .bufferGroup(supply.buffers().group());
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            if (last) {
                messageHeader.free();
            }
            if ((flags & Abi.IORING_CQE_F_BUFFER) != 0) {
                take(result, flags);
            }
            if (!last || !channel.isOpen()) {
                return;
            }
            if (result >= 0 || Errno.isTransient(-result)) { // an empty datagram ends it as well
                armIfWanted();
            } else if (result == -Errno.ENOBUFS) {
                if (channel.isOnLoop()) {
                    channel.handler().metrics().ringEmpty();
                    starve(supply);
                } // else its next loop tries
            } else {
                failed(result);
            }
        }

        private void take(int result, int flags) {
            ByteBuffer memory = supply.buffers().memory(flags);
            int start = supply.buffers().start(flags);
            boolean whole = header.readMultishot(memory, start, result, nameRoom, controlRoom);
            if (!whole) {
                supply.buffers().discard(flags);
                return;
            }
            channel.format().read(header);
            ByteBuf payload = supply.buffers()
                    .take(
                            flags,
                            header.payloadAt() - start,
                            header.payloadLength(),
                            channel.config().getAllocator());
            fed();
            received(header, payload != null ? payload.touch(this) : Unpooled.EMPTY_BUFFER);
        }

        @Override
        public String toString() {
            return "RECVMSG on " + channel;
        }
    }
}
