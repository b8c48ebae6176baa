// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.util.ReferenceCountUtil;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;

/**
 * One message on its way: a SEND of one piece of memory to the peer that the channel is connected to, or a SENDMSG. One that
 * is to be cut into segments that the kernel will not cut, or more than it will cut at once, is several of these, one after
 * the other. It holds the content until the last is over. Loop thread only.
 */
final class DatagramSend extends Operation {
    /** The kernel cuts no more at once (UDP_MAX_SEGMENTS, before 6.10). */
    private static final int MAX_SEGMENTS = 64;
    /** As much as fits into an IPv4 packet. */
    private static final int MAX_PAYLOAD = 65_507;

    private static final long RETRY_MILLIS = 1;

    private final AbstractUringDatagramChannel channel;
    private final DatagramSender sender;
    private Object message;
    private SocketAddress recipient;
    private ByteBuf content;
    private int length;
    private int segmentSize;
    /** What of the content the kernel has, and how much of it goes out now. */
    private int sent;

    private int step;
    private boolean segmented;
    private NativeBlocks.Block block;
    /** Of a SEND. */
    private long address;

    private boolean done;
    private boolean waiting;
    private boolean abandoned;
    private Throwable failure;

    DatagramSend(AbstractUringDatagramChannel channel, DatagramSender sender) {
        this.channel = channel;
        this.sender = sender;
    }

    /** Takes a message and submits it; if that cannot be, it is {@linkplain #isDone() done} with a failure. */
    void begin(Object message) {
        this.message = message;
        ByteBuf buf = content(message);
        recipient = recipient(message);
        length = buf.readableBytes();
        if (length == 0 && buf == message) {
            done = true; // as Netty's other transports have it: only a packet can be empty
            return;
        }
        if (recipient == null && !channel.isConnected()) {
            end(new NotYetConnectedException());
            return;
        }
        content = buf.retain();
        segmentSize = channel.format().segmentSize(message, length);
        submit();
    }

    /** The bytes of a message, which is either them or a packet. */
    static ByteBuf content(Object message) {
        return message instanceof AddressedEnvelope
                ? (ByteBuf) ((AddressedEnvelope<?, ?>) message).content()
                : (ByteBuf) message;
    }

    /** {@code null} for the peer that the channel is connected to. */
    static SocketAddress recipient(Object message) {
        return message instanceof AddressedEnvelope ? ((AddressedEnvelope<?, ?>) message).recipient() : null;
    }

    private void submit() {
        try {
            prepare();
            channel.submit(this);
        } catch (RuntimeException e) {
            free();
            end(e instanceof UncheckedIOException ? e.getCause() : e);
        }
    }

    private void prepare() {
        boolean whole = segmentSize >= length;
        boolean oneByOne = !whole && sender.refuses(sender.path(recipient), segmentSize);
        int most = whole || oneByOne ? segmentSize : segmentSize * segmentsAtOnce(segmentSize);
        step = whole ? length : Math.min(most, length - sent);
        segmented = step > segmentSize;
        int controlRoom = channel.format().sentControlRoom(message, segmented);
        int from = content.readerIndex() + sent;
        boolean onePiece = content.hasMemoryAddress() || content.nioBufferCount() == 1;
        if (recipient == null && controlRoom == 0 && onePiece) {
            address = step == 0 ? 0 : MemoryAddress.of(content, from);
            return;
        }
        ByteBuffer[] parts = onePiece ? null : content.nioBuffers(from, step);
        int iovecs = parts == null ? 1 : parts.length;
        int header = channel.format().nameRoom();
        int controlAt = header + SocketAbi.MSGHDR_SIZE + iovecs * SocketAbi.IOVEC_SIZE;
        block = channel.handler().blocks().allocate(controlAt + controlRoom);
        writeHeader(header, iovecs, controlAt, controlRoom);
        int at = header + SocketAbi.MSGHDR_SIZE;
        if (parts == null) {
            writeIovec(at, step == 0 ? 0 : MemoryAddress.of(content, from), step);
            return;
        }
        for (ByteBuffer part : parts) {
            writeIovec(at, MemoryAddress.of(part), part.remaining());
            at += SocketAbi.IOVEC_SIZE;
        }
    }

    /** Into how many segments of such a size, in bytes, the kernel cuts one message. */
    static int segmentsAtOnce(int segmentSize) {
        return Math.max(1, Math.min(MAX_SEGMENTS, MAX_PAYLOAD / segmentSize));
    }

    private void writeHeader(int at, int iovecs, int controlAt, int controlRoom) {
        ByteBuffer memory = block.buffer();
        int nameLength = recipient == null ? 0 : channel.format().writeName(memory, recipient);
        for (int i = 0; i < SocketAbi.MSGHDR_SIZE; i += Long.BYTES) {
            memory.putLong(at + i, 0);
        }
        memory.putLong(at + SocketAbi.MSGHDR_NAME, nameLength == 0 ? 0 : block.address());
        memory.putInt(at + SocketAbi.MSGHDR_NAMELEN, nameLength);
        memory.putLong(at + SocketAbi.MSGHDR_IOV, block.address() + at + SocketAbi.MSGHDR_SIZE);
        memory.putLong(at + SocketAbi.MSGHDR_IOVLEN, iovecs);
        if (controlRoom > 0) {
            int end = channel.format().writeControl(memory, controlAt, message, segmented ? segmentSize : 0);
            memory.putLong(at + SocketAbi.MSGHDR_CONTROL, block.address() + controlAt);
            memory.putLong(at + SocketAbi.MSGHDR_CONTROLLEN, end - controlAt);
        }
    }

    private void writeIovec(int at, long base, int bytes) {
        block.buffer().putLong(at + SocketAbi.IOVEC_BASE, base);
        block.buffer().putLong(at + SocketAbi.IOVEC_LEN, bytes);
    }

    @Override
    protected void encode(Submission sqe) {
        int fd = channel.socket().fd();
        sqe.operationFlags(channel.format().sendFlags());
        if (block == null) {
            sqe.operation(Abi.IORING_OP_SEND, fd).addr(address).len(step);
        } else {
            sqe.operation(Abi.IORING_OP_SENDMSG, fd)
                    .addr(block.address() + channel.format().nameRoom())
                    .len(1);
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        free();
        sender.completed();
        if (abandoned) {
            reset();
        } else if (result >= 0) {
            sent += step;
            channel.sent();
            goOnIf(sent < length);
        } else if (segmented && DatagramSender.isRefusal(result)) {
            sender.refused(sender.path(recipient), segmentSize, result);
            goOnIf(true);
        } else if (result == -Errno.EAGAIN) {
            awaitRoom();
        } else if (Errno.isTransient(-result)) {
            goOnIf(true);
        } else {
            end(channel.format().failure("sendmsg", result));
        }
        if (done) {
            sender.ended();
        }
    }

    private void goOnIf(boolean more) {
        if (!more) {
            end(null);
        } else if (channel.canSubmit()) {
            submit();
        } else {
            waiting = true; // for its next loop
        }
    }

    /** The receiver has no room, and the kernel was told not to wait for it. */
    private void awaitRoom() {
        waiting = true;
        if (channel.isOnLoop()) {
            channel.eventLoop().schedule(this::retry, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void retry() {
        if (channel.eventLoop().inEventLoop() && channel.canSubmit()) { // and did not move to another loop
            resume();
            if (done) {
                sender.ended();
            }
        }
    }

    /** The channel has a loop again, or the receiver may have room. */
    void resume() {
        if (waiting) {
            waiting = false;
            submit();
        }
    }

    private void end(Throwable failure) {
        this.failure = failure;
        done = true;
        releaseContent();
    }

    private void free() {
        if (block != null) {
            block.free();
            block = null;
        }
    }

    private void releaseContent() {
        if (content != null) {
            ReferenceCountUtil.safeRelease(content); // may be the user's own kind, or released too often
            content = null;
        }
    }

    /** The channel is closed, and nobody waits for the message any more; the kernel may. */
    void abandon() {
        abandoned = true;
        if (!isInFlight()) {
            reset();
        }
    }

    /** Makes it ready for another message. */
    void reset() {
        releaseContent();
        message = null;
        recipient = null;
        failure = null;
        sent = 0;
        done = false;
        waiting = false;
    }

    boolean isDone() {
        return done;
    }

    Object message() {
        return message;
    }

    /** Why it could not be sent; {@code null} if it was. */
    Throwable failure() {
        return failure;
    }

    int length() {
        return length;
    }

    @Override
    public String toString() {
        return "SENDMSG on " + channel;
    }
}
