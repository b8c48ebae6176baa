// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The sending half of a stream channel: everything that is flushed goes out in one SEND or SENDMSG, the next when that has
 * completed, so that bytes and promises keep their order. With {@link ZeroCopy} a request has a second completion, when the
 * memory is no longer needed; the next request does not wait for that. Loop thread only.
 */
final class StreamSender {
    /** More in one request would make its completion, and those promises, wait needlessly long. */
    private static final long MAX_BYTES = 1 << 30;

    private static final int MAX_IOVECS = (NativeBlocks.MAX_BLOCK - SocketAbi.MSGHDR_SIZE) / SocketAbi.IOVEC_SIZE;

    private final UringStreamChannel channel;
    private final Deque<Send> idle = new ArrayDeque<>(1);
    /** What the kernel is sending, and has not told yet how much of it was sent; {@code null} if there is nothing. */
    private Operation current;

    private final ZeroCopyChoice zeroCopyChoice;
    private final RegionStage stage;
    /** Sends files; {@code null} before the first. */
    private FileTransfer transfer;
    /** The promises of what was sent are being completed: their listeners may flush, but the rest is still to be counted. */
    private boolean accounting;

    StreamSender(UringStreamChannel channel) {
        this.channel = channel;
        zeroCopyChoice = new ZeroCopyChoice(channel);
        stage = new RegionStage(channel);
    }

    /** The request that can still be cancelled, or {@code null}. */
    Operation current() {
        return current != null ? current : transfer;
    }

    boolean isBusy() {
        return current != null || accounting || (transfer != null && transfer.isBusy());
    }

    /** Begins to send what is flushed, unless that goes on already. */
    void write(ChannelOutboundBuffer out) throws IOException {
        while (!isBusy() && !out.isEmpty()) {
            Object message = out.current();
            if (message instanceof SocketSink) {
                if (!((SocketSink) message).drain(out)) {
                    return;
                }
            } else if (message instanceof FileRegion) {
                if (!sendRegion(out, (FileRegion) message)) {
                    return;
                }
            } else if (message instanceof PassedDescriptor) {
                DescriptorSend send = new DescriptorSend(channel, this);
                send.submit((PassedDescriptor) message);
                current = send;
            } else {
                Send send = idleSend();
                if (send.gather(out)) {
                    send.submit();
                } else {
                    idle.addFirst(send);
                    out.removeBytes(0); // empty buffers only
                }
            }
        }
    }

    /** Sends a file, or the next piece of another region; {@code false} if that has nothing to give at the moment. */
    private boolean sendRegion(ChannelOutboundBuffer out, FileRegion region) throws IOException {
        if (stage.isEmpty() && region.transferred() >= region.count()) {
            out.remove();
            return true;
        }
        if (transfer == null) {
            transfer = new FileTransfer(channel);
        }
        if (stage.isEmpty() && transfer.begin(region)) {
            return true;
        }
        if (stage.isEmpty() && !stage.fill(region)) {
            channel.flushLater();
            return false;
        }
        Send send = idleSend();
        send.add(stage.staged());
        send.submit();
        return true;
    }

    private Send idleSend() {
        Send send = idle.pollFirst();
        return send != null ? send : new Send();
    }

    private void sent(int bytes) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (out == null) {
            return; // closed, or output shut down, meanwhile
        }
        accounting = true;
        try {
            if (!stage.isEmpty()) {
                regionSent(out, bytes);
            } else {
                buffersSent(out, bytes);
            }
        } finally {
            accounting = false;
        }
    }

    /** The descriptor at the head is on its way, or the kernel would not take it. */
    void descriptorSent(int result) {
        current = null;
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (result > 0 && out != null) {
            accounting = true;
            out.remove();
            accounting = false;
        }
        goOn(result);
    }

    private void goOn(int result) {
        if (result >= 0 || Errno.isTransient(-result)) {
            channel.flushMore();
        } else if (channel.unsafe().outboundBuffer() != null) { // else all that was left has failed already
            channel.writeFailed(Errno.newSocketException("send", result));
        }
    }

    private void regionSent(ChannelOutboundBuffer out, int bytes) {
        stage.sent(bytes);
        out.progress(bytes);
        if (out.current() == null) {
            return; // a listener closed the channel
        }
        FileRegion region = (FileRegion) out.current();
        if (stage.isEmpty() && region.transferred() >= region.count()) {
            stage.release();
            out.remove();
        }
    }

    /** Step by step, since a promise's listener may close the channel, and the rest is then failed already. */
    private static void buffersSent(ChannelOutboundBuffer out, int bytes) {
        int left = bytes;
        while (left > 0 && out.current() instanceof ByteBuf) {
            ByteBuf buf = (ByteBuf) out.current();
            int readable = buf.readableBytes();
            if (readable > left) {
                buf.skipBytes(left);
                out.progress(left);
                return;
            }
            out.progress(readable);
            left -= readable;
            out.remove();
        }
    }

    /**
     * Lets the kernel try at once to send what was flushed, as a blocking system call would have when it was flushed:
     * what comes next, closing or shutting down, must not overtake it.
     */
    void settle() {
        if (!channel.canSubmit()) {
            return;
        }
        for (int spins = channel.config().getWriteSpinCount(); spins > 0; spins--) {
            Operation settling = current();
            if (settling == null
                    || !settling.isInFlight()
                    || !channel.handler().ring().settle(settling)) {
                return;
            }
        }
    }

    /** The channel leaves its event loop: the next may have other ways. */
    void leaveLoop() {
        zeroCopyChoice.reset();
        idle.clear();
        stopTransfer();
    }

    private void stopTransfer() {
        if (transfer != null) {
            transfer.stop();
        }
    }

    /** The channel is closed. What is in flight keeps its memory by itself. */
    void close() {
        stage.release();
        stopTransfer();
    }

    /**
     * One SEND of one piece of memory, or one SENDMSG of several; holds a reference to every buffer until the kernel needs it
     * no longer.
     */
    private final class Send extends Operation implements ChannelOutboundBuffer.MessageProcessor {
        private UringIoHandler handler;
        private boolean zeroCopy;
        private ZeroCopyPaths.Path takenPath;
        private final List<ByteBuf> held = new ArrayList<>();
        private long[] addresses = new long[4];
        private int[] lengths = new int[4];
        private int count;
        private long bytes;
        private NativeBlocks.Block block;

        /** Takes what is flushed, up to the first message that is not a buffer; {@code false} if there is nothing in it. */
        boolean gather(ChannelOutboundBuffer out) {
            try {
                out.forEachFlushedMessage(this);
            } catch (Exception e) {
                release();
                throw new IllegalStateException(e);
            }
            return count > 0;
        }

        @Override
        public boolean processMessage(Object message) {
            return message instanceof ByteBuf && add((ByteBuf) message);
        }

        /** {@code false} if there is no room for more. */
        boolean add(ByteBuf buf) {
            int readable = buf.readableBytes();
            if (readable == 0) {
                return true;
            }
            int parts = buf.hasMemoryAddress() ? 1 : buf.nioBufferCount();
            if (count > 0 && (count + parts > MAX_IOVECS || bytes + readable > MAX_BYTES)) {
                return false;
            }
            held.add(buf.retain());
            if (parts == 1) {
                addPart(MemoryAddress.of(buf, buf.readerIndex()), readable);
            } else {
                for (ByteBuffer part : buf.nioBuffers()) {
                    if (part.hasRemaining() && count < MAX_IOVECS) {
                        addPart(MemoryAddress.of(part), part.remaining());
                    }
                }
            }
            return count < MAX_IOVECS;
        }

        private void addPart(long address, int length) {
            if (count == addresses.length) {
                addresses = Arrays.copyOf(addresses, count * 2);
                lengths = Arrays.copyOf(lengths, count * 2);
            }
            addresses[count] = address;
            lengths[count++] = length;
            bytes += length;
        }

        void submit() {
            try {
                handler = channel.handler();
                zeroCopy = stage.isEmpty() && zeroCopyChoice.isFor(bytes);
                takenPath = zeroCopy ? zeroCopyChoice.path() : null;
                channel.submit(this);
                current = this;
            } catch (RuntimeException e) {
                release();
                throw e;
            }
        }

        @Override
        protected void encode(Submission sqe) {
            int fd = channel.socket().fd();
            sqe.operationFlags(SocketAbi.MSG_NOSIGNAL);
            if (zeroCopy) {
                encodeZeroCopy(sqe);
            }
            if (count > 1) {
                sqe.operation(zeroCopy ? Abi.IORING_OP_SENDMSG_ZC : Abi.IORING_OP_SENDMSG, fd)
                        .addr(writeMessageHeader())
                        .len(1);
                return;
            }
            sqe.operation(zeroCopy ? Abi.IORING_OP_SEND_ZC : Abi.IORING_OP_SEND, fd)
                    .addr(addresses[0])
                    .len(lengths[0]);
        }

        private void encodeZeroCopy(Submission sqe) {
            int index = handler.fixedBuffers().indexOf(addresses, lengths, count);
            if (index == FixedBuffers.NONE) {
                sqe.ioprio(Abi.IORING_SEND_ZC_REPORT_USAGE);
            } else {
                sqe.ioprio(Abi.IORING_SEND_ZC_REPORT_USAGE | Abi.IORING_RECVSEND_FIXED_BUF)
                        .bufferIndex(index);
            }
        }

        private long writeMessageHeader() {
            block = handler.blocks().allocate(SocketAbi.MSGHDR_SIZE + count * SocketAbi.IOVEC_SIZE);
            ByteBuffer memory = block.buffer();
            for (int i = 0; i < SocketAbi.MSGHDR_SIZE; i += Long.BYTES) {
                memory.putLong(i, 0);
            }
            memory.putLong(SocketAbi.MSGHDR_IOV, block.address() + SocketAbi.MSGHDR_SIZE);
            memory.putLong(SocketAbi.MSGHDR_IOVLEN, count);
            for (int i = 0, at = SocketAbi.MSGHDR_SIZE; i < count; i++, at += SocketAbi.IOVEC_SIZE) {
                memory.putLong(at + SocketAbi.IOVEC_BASE, addresses[i]);
                memory.putLong(at + SocketAbi.IOVEC_LEN, lengths[i]);
            }
            return block.address();
        }

        private void release() {
            for (int i = 0; i < held.size(); i++) {
                held.get(i).release();
            }
            held.clear();
            count = 0;
            bytes = 0;
            if (block != null) {
                block.free();
                block = null;
            }
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            boolean notification = (flags & Abi.IORING_CQE_F_NOTIF) != 0;
            boolean wasZeroCopy = zeroCopy;
            if (last) {
                release();
            }
            if (notification) {
                reported((result & Abi.IORING_NOTIF_USAGE_ZC_COPIED) != 0);
            }
            if (last && channel.handler() == handler) {
                idle.addFirst(this);
            }
            if (!notification) {
                if (!last) {
                    awaitNotification();
                }
                current = null;
                ended(result, wasZeroCopy);
            }
        }

        private void reported(boolean copied) {
            handler.metrics().sentZeroCopy(copied);
            if (copied) {
                takenPath.failed(System.nanoTime());
            } else {
                takenPath.worked();
            }
        }

        private void ended(int result, boolean wasZeroCopy) {
            if (result >= 0) {
                sent(result);
            } else if (wasZeroCopy && ZeroCopyChoice.isShortage(-result) && channel.canSubmit()) {
                zeroCopyChoice.refused();
                takenPath.failed(System.nanoTime());
                channel.flushMore();
                return;
            }
            goOn(result);
        }

        @Override
        public String toString() {
            return "SEND on " + channel;
        }
    }
}
