// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * One SEND of one piece of memory, or one SENDMSG of several. From its submission on it holds a reference to every buffer, until
 * the kernel needs it no longer; before, and while it sends at once, those of the outbound buffer do. Loop thread only.
 */
final class StreamSend extends Operation implements ChannelOutboundBuffer.MessageProcessor {
    /** More in one request would make its completion, and those promises, wait needlessly long. */
    private static final long MAX_BYTES = 1 << 30;

    private static final int MAX_IOVECS = (NativeBlocks.MAX_BLOCK - SocketAbi.MSGHDR_SIZE) / SocketAbi.IOVEC_SIZE;

    /** docs/experiments.md has the figures. */
    private static final int MANY_BUFFERS = 24;
    /** The same: what was just received is still in the processor's cache. */
    private static final int MANY_BYTES = 16 << 10;

    private final UringIoHandler handler;
    private final List<ByteBuf> buffers = new ArrayList<>();
    /** How many of the buffers this holds a reference to. */
    private int held;

    private long[] addresses = new long[4];
    private int[] lengths = new int[4];
    private int count;
    private long bytes;
    private NativeBlocks.Block block;
    private UringStreamChannel channel;
    /** Until the kernel has answered. */
    private StreamSender sender;
    /** Of a zero-copy send, whose notification comes after the answer; {@code null} if it is none. */
    private ZeroCopyPaths.Path zeroCopyPath;

    private final CopiedRegions regions;
    /** Finds what of regions is cached; {@code null} while regions are not to be touched. */
    private StreamSender regionSender;
    /** How large the region is that follows in a moment, and goes out in the same packets if it can; 0 if there is none. */
    private long following;

    private StreamSend(UringIoHandler handler) {
        this.handler = handler;
        regions = new CopiedRegions(handler);
    }

    /** Those of a loop that are not in use: the one that was used last, whose memory is hot, is used next. */
    static final class Pool {
        private static final int MAX = 256;

        private final UringIoHandler handler;
        private final Deque<StreamSend> idle = new ArrayDeque<>();

        Pool(UringIoHandler handler) {
            this.handler = handler;
        }

        StreamSend take() {
            StreamSend send = idle.pollFirst();
            return send != null ? send : new StreamSend(handler);
        }

        void giveBack(StreamSend send) {
            if (idle.size() < MAX) {
                idle.addFirst(send);
            }
        }
    }

    /**
     * Takes what is flushed, up to the first message that is neither a buffer nor a region that is best copied; {@code false}
     * if there is nothing in it.
     *
     * @param regionSender finds which are better sent without a copy; {@code null} if none is to be copied, or looked for
     */
    boolean gather(ChannelOutboundBuffer out, StreamSender regionSender) {
        this.regionSender = regionSender;
        following = 0;
        try {
            out.forEachFlushedMessage(this);
        } catch (UncheckedIOException noMemory) {
            release();
            throw noMemory;
        } catch (Exception e) {
            release();
            throw new IllegalStateException(e);
        }
        return count > 0;
    }

    @Override
    public boolean processMessage(Object message) {
        if (message instanceof ByteBuf) {
            return add((ByteBuf) message);
        }
        return regionSender != null && message instanceof FileRegion && addCopy((FileRegion) message);
    }

    /** {@code false} if that is not all of the region, or there is no room for more. */
    private boolean addCopy(FileRegion region) {
        if (regions.areBetterWithout(region, bytes) && regionSender.findsCached(region)) {
            following = FileRegions.left(region);
            return false;
        }
        if (count == MAX_IOVECS) {
            return false;
        }
        ByteBuf copy = regions.copy(region, bytes);
        if (copy == null) {
            return false;
        }
        return add(copy) && copy.readableBytes() == FileRegions.left(region);
    }

    boolean hasCopies() {
        return !regions.isEmpty();
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
        if (buf.refCnt() == 0) {
            throw new IllegalReferenceCountException("a buffer to be sent was released too often: " + buf);
        }
        buffers.add(buf);
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

    long bytes() {
        return bytes;
    }

    /** The bytes of the region that is to be sent at once when this has been; 0 if there is none. */
    long following() {
        return following;
    }

    /** Whether there is so much that a call of its own costs little beside what the call saves. */
    boolean isMany() {
        return buffers.size() >= MANY_BUFFERS || bytes >= MANY_BYTES;
    }

    /**
     * Sends what the socket takes at once, and without an operation, so that the promises are complete when the flush returns
     * and what belongs to them is still in the processor's cache.
     *
     * @return how many bytes that was, and then nothing is held any more; or {@code -errno}
     */
    int sendNow(UringStreamChannel channel) {
        long header;
        try {
            header = writeMessageHeader();
        } catch (RuntimeException noMemory) {
            end();
            throw noMemory;
        }
        int flags = SocketAbi.MSG_NOSIGNAL | SocketAbi.MSG_DONTWAIT | (following > 0 ? SocketAbi.MSG_MORE : 0);
        int result = (int) Native.sendmsg(channel.socket().fd(), header, flags);
        if (result >= 0) {
            end();
        } else {
            freeBlock();
        }
        return result;
    }

    /**
     * Submits it.
     *
     * @param path to send without a copy; {@code null} to send as ever
     */
    void submit(UringStreamChannel channel, StreamSender sender, ZeroCopyPaths.Path path) {
        this.channel = channel;
        this.sender = sender;
        zeroCopyPath = path;
        try {
            hold();
            channel.submit(this);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    private void hold() {
        for (; held < buffers.size(); held++) {
            buffers.get(held).retain();
        }
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = channel.socket().fd();
        boolean zeroCopy = zeroCopyPath != null;
        sqe.operationFlags(channel.sendFlags() | regions.sendFlags());
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
        for (int i = 0; i < held; i++) {
            ReferenceCountUtil.safeRelease(buffers.get(i)); // may be the user's own kind, or released too often
        }
        held = 0;
        buffers.clear();
        count = 0;
        bytes = 0;
        regions.release();
        freeBlock();
    }

    private void freeBlock() {
        if (block != null) {
            block.free();
            block = null;
        }
    }

    /** Nothing of it is needed any more. */
    void end() {
        release();
        channel = null;
        handler.sends().giveBack(this); // and may be used again at once
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        StreamSender answered = sender;
        ZeroCopyPaths.Path path = zeroCopyPath;
        boolean notification = (flags & Abi.IORING_CQE_F_NOTIF) != 0;
        if (notification) {
            reported((result & Abi.IORING_NOTIF_USAGE_ZC_COPIED) != 0);
        } else {
            sender = null;
            if (hasCopies() && result < bytes) {
                answered.lacksRoom();
            }
            if (!last) {
                awaitNotification();
            }
        }
        if (last) {
            end();
        }
        if (notification) {
            return;
        }
        if (path == null) {
            answered.ended(result);
        } else {
            answered.endedZeroCopy(result, path);
        }
    }

    private void reported(boolean copied) {
        handler.metrics().sentZeroCopy(copied);
        if (copied) {
            zeroCopyPath.copied(System.nanoTime());
        } else {
            zeroCopyPath.worked();
        }
    }

    @Override
    public String toString() {
        return "SEND on " + channel;
    }
}
