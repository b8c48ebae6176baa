// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Messages that sendmmsg(2) is given at once, so that they are sent when the call returns and the kernel keeps none of their
 * memory. A loop has one, for all its channels: the little memory that the headers take stays hot. Loop thread only.
 */
final class DatagramBatch implements ChannelOutboundBuffer.MessageProcessor {
    static final int MAX_MESSAGES = 64;

    /** Of the longest address, a {@code sockaddr_un}, rounded up. */
    private static final int NAME_ROOM = (SocketAbi.SOCKADDR_UN_SIZE + Long.BYTES - 1) & -Long.BYTES;
    /** UDP_SEGMENT, and IP_TOS or IPV6_TCLASS. */
    private static final int CONTROL_ROOM =
            DatagramHeader.controlSpace(Short.BYTES) + DatagramHeader.controlSpace(Integer.BYTES);

    private static final int PARTS_AT = MAX_MESSAGES * SocketAbi.MMSGHDR_SIZE;
    private static final int IOVEC = 0;
    private static final int NAME = SocketAbi.IOVEC_SIZE;
    private static final int CONTROL = NAME + NAME_ROOM;
    private static final int PARTS_SIZE = CONTROL + CONTROL_ROOM;

    private final NativeBlocks blocks;
    /** First the array of {@code struct mmsghdr}, then what each points to. {@code null} before the first message. */
    private NativeBlocks.Block block;

    private final ByteBuffer[] names = new ByteBuffer[MAX_MESSAGES];

    private AbstractUringDatagramChannel channel;
    private DatagramSender sender;
    private int limit;
    private int count;
    private boolean firstSegmented;

    DatagramBatch(NativeBlocks blocks) {
        this.blocks = blocks;
    }

    /**
     * Takes in the first of the flushed messages, up to one that needs more than a call: that is in several pieces, or that
     * the kernel will not cut into segments, or that cannot be sent.
     *
     * @return how many
     */
    int gather(ChannelOutboundBuffer out, AbstractUringDatagramChannel channel, DatagramSender sender, int limit)
            throws Exception {
        if (block == null) {
            prepare();
        }
        this.channel = channel;
        this.sender = sender;
        this.limit = Math.min(limit, MAX_MESSAGES);
        count = 0;
        try {
            out.forEachFlushedMessage(this);
        } finally {
            this.channel = null;
            this.sender = null;
        }
        return count;
    }

    /** What is the same for all messages. */
    private void prepare() {
        block = blocks.allocate(PARTS_AT + MAX_MESSAGES * PARTS_SIZE);
        ByteBuffer memory = block.buffer();
        for (int i = 0; i < PARTS_AT; i += Long.BYTES) {
            memory.putLong(i, 0);
        }
        for (int i = 0; i < MAX_MESSAGES; i++) {
            int parts = parts(i);
            memory.putLong(header(i) + SocketAbi.MSGHDR_IOV, block.address() + parts + IOVEC);
            memory.putLong(header(i) + SocketAbi.MSGHDR_IOVLEN, 1);
            names[i] = memory.slice(parts + NAME, NAME_ROOM).order(memory.order());
        }
    }

    private static int header(int index) {
        return index * SocketAbi.MMSGHDR_SIZE;
    }

    private static int parts(int index) {
        return PARTS_AT + index * PARTS_SIZE;
    }

    @Override
    public boolean processMessage(Object message) {
        try {
            return add(message) && ++count < limit;
        } catch (RuntimeException cannotBeSent) {
            return false; // it will fail when it is sent by itself
        }
    }

    private boolean add(Object message) {
        ByteBuf content = DatagramSend.content(message);
        SocketAddress recipient = DatagramSend.recipient(message);
        int length = content.readableBytes();
        boolean inOnePiece = content.hasMemoryAddress() || content.nioBufferCount() == 1;
        if (!inOnePiece || (recipient == null && !channel.isConnected()) || (length == 0 && content == message)) {
            return false;
        }
        int segmentSize = channel.format().segmentSize(message, length);
        boolean segmented = segmentSize < length;
        if (segmented && !isCutAtOnce(recipient, length, segmentSize)) {
            return false;
        }
        ByteBuffer memory = block.buffer();
        int iovec = parts(count) + IOVEC;
        memory.putLong(
                iovec + SocketAbi.IOVEC_BASE, length == 0 ? 0 : MemoryAddress.of(content, content.readerIndex()));
        memory.putLong(iovec + SocketAbi.IOVEC_LEN, length);
        writeName(recipient);
        writeControl(message, segmented ? segmentSize : 0);
        if (count == 0) {
            firstSegmented = segmented;
        }
        return true;
    }

    private boolean isCutAtOnce(SocketAddress recipient, int length, int segmentSize) {
        return length <= segmentSize * DatagramSend.segmentsAtOnce(segmentSize)
                && !sender.refuses(sender.path(recipient), segmentSize);
    }

    private void writeName(SocketAddress recipient) {
        int length = recipient == null ? 0 : channel.format().writeName(names[count], recipient);
        ByteBuffer memory = block.buffer();
        memory.putLong(header(count) + SocketAbi.MSGHDR_NAME, length == 0 ? 0 : block.address() + parts(count) + NAME);
        memory.putInt(header(count) + SocketAbi.MSGHDR_NAMELEN, length);
    }

    private void writeControl(Object message, int segmentSize) {
        ByteBuffer memory = block.buffer();
        int start = parts(count) + CONTROL;
        int end = channel.format().sentControlRoom(message, segmentSize > 0) == 0
                ? start
                : channel.format().writeControl(memory, start, message, segmentSize);
        memory.putLong(header(count) + SocketAbi.MSGHDR_CONTROL, end == start ? 0 : block.address() + start);
        memory.putLong(header(count) + SocketAbi.MSGHDR_CONTROLLEN, end - start);
    }

    /**
     * Sends what was {@linkplain #gather gathered}, without waiting for room.
     *
     * @return how many messages went out, at least one, or {@code -errno} of the first
     */
    int send(int fd, int flags) {
        return Native.sendmmsg(fd, block.address(), count, flags | SocketAbi.MSG_DONTWAIT);
    }

    /** Whether the first message is to be cut into segments. */
    boolean isFirstSegmented() {
        return firstSegmented;
    }
}
