// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.KernelException;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A provided-buffer ring (IORING_REGISTER_PBUF_RING, kernel 5.19): the buffers of one loop that the kernel picks from when
 * data arrives. Loop thread only, but for the getters that say otherwise.
 *
 * <p>Where the kernel has it (IOU_PBUF_RING_INC, 6.12) a buffer is consumed piece by piece, so that small messages share
 * one; below, every message takes a whole buffer.
 *
 * <p>The ring is a queue, so it keeps memory hot only by being short: it holds {@link #depth()} buffers. One that may grow holds
 * twice as many after the kernel found it empty, and half as many again {@linkplain #calm() after a quiet while}.
 *
 * <p>A piece that is kept keeps its buffer. What that wastes is bounded: when the buffers in the pipeline take more than
 * {@value #MAX_WASTE} times the bytes that are in use in them, and more than the ring has at rest, pieces of less than one
 * {@value #MAX_WASTE}th of a buffer are copied to memory of their own instead, and so keep none. The buffers in the
 * pipeline thus never take more than the resting size plus twice {@value #MAX_WASTE} times the most bytes that ever were in
 * use at once, give or take an eighth and what one turn of the loop brings: once for buffers of which most was released
 * since, and once for those that larger pieces keep.
 */
public final class ProvidedBuffers {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(ProvidedBuffers.class);
    private static final VarHandle TAIL = MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());
    /** How much more memory than is in use small pieces may keep. */
    static final int MAX_WASTE = 16;
    /** Waste is reckoned anew when the buffers in the pipeline have become more, or fewer, by this part of them. */
    private static final int WASTE_CHECK_SHIFT = 3;

    private static final int NOT_REGISTERED = -1;

    private final short group;
    private final boolean incremental;
    private final int minDepth;
    private final int maxDepth;
    private final int ringMask;
    private final ReceiveBuffers buffers;
    private final ReceiveCalls calls;
    private final MappedMemory ringMemory;
    private final ByteBuffer ring;

    private int ringFd = NOT_REGISTERED;
    private short tail;
    private int depth;
    private int inRing;
    private boolean deepened;
    private boolean wasteful;
    private int inPipelineAtCheck;
    private final AtomicLong copies = new AtomicLong();

    /**
     * Lends nothing yet.
     *
     * @param group the buffer group's id
     * @param memory how much of it, and of what kind
     * @param wakeLoop wakes the loop, from any thread, when it {@linkplain #awaitReturn waits} for a buffer
     * @throws IOException if there is no memory for the ring
     */
    public ProvidedBuffers(int group, ReceiveMemory memory, Runnable wakeLoop) throws IOException {
        this.group = (short) group;
        incremental = memory.incremental();
        int limit = memory.limit();
        minDepth = Math.min(memory.depth(), limit);
        depth = minDepth;
        buffers = new ReceiveBuffers(memory, wakeLoop);
        calls = new ReceiveCalls(this, buffers);
        maxDepth = Math.min(memory.maxDepth(), limit);
        int entries = Math.max(Integer.highestOneBit(maxDepth * 2 - 1), 2);
        ringMask = entries - 1;
        ringMemory = MappedMemory.anonymous(Math.max(entries * Abi.BUF_SIZE, Abi.BUF_REG_SIZE), true);
        ring = ringMemory.buffer();
    }

    /**
     * Makes the ring known to the kernel, which has no buffers before the first {@link #refill()}. Called once, by the thread
     * that will own the io_uring.
     *
     * @param ringFd the io_uring's fd
     * @throws IOException if the kernel refuses (EINVAL before 5.19, and for incremental rings before 6.12)
     */
    public void register(int ringFd) throws IOException {
        int result = register(ringFd, ringMemory.address(), ringMask + 1, group, incremental);
        if (result < 0) {
            String advice = result == -Errno.ENOMEM ? " (is RLIMIT_MEMLOCK used up? raise it with ulimit -l)" : "";
            throw new KernelException("io_uring_register(IORING_REGISTER_PBUF_RING)", result, advice);
        }
        this.ringFd = ringFd;
    }

    /** The thread that alone uses them from now on, except to give pieces back. */
    public void ownedBy(Thread loopThread) {
        buffers.ownedBy(loopThread);
    }

    /** Registers a ring of {@code entries} at {@code address}; the call's result. For {@link #register} and for probing. */
    public static int register(int ringFd, long address, int entries, int group, boolean incremental)
            throws IOException {
        try (MappedMemory argument = MappedMemory.anonymous(Abi.BUF_REG_SIZE, false)) {
            argument.buffer()
                    .putLong(Abi.BUF_REG_RING_ADDR, address)
                    .putInt(Abi.BUF_REG_RING_ENTRIES, entries)
                    .putShort(Abi.BUF_REG_BGID, (short) group)
                    .putShort(Abi.BUF_REG_FLAGS, (short) (incremental ? Abi.IOU_PBUF_RING_INC : 0));
            return Native.ioUringRegister(ringFd, Abi.IORING_REGISTER_PBUF_RING, argument.address(), 1);
        }
    }

    /** Takes a ring back from the kernel; harmless if it is not registered. */
    public static void unregister(int ringFd, int group) throws IOException {
        try (MappedMemory argument = MappedMemory.anonymous(Abi.BUF_REG_SIZE, true)) {
            unregister(ringFd, group, argument);
        }
    }

    private static void unregister(int ringFd, int group, MappedMemory argument) {
        for (int at = 0; at < Abi.BUF_REG_SIZE; at += Long.BYTES) {
            argument.buffer().putLong(at, 0);
        }
        argument.buffer().putShort(Abi.BUF_REG_BGID, (short) group);
        Native.ioUringRegister(ringFd, Abi.IORING_UNREGISTER_PBUF_RING, argument.address(), 1);
    }

    /** The entries as the kernel sees them, and its tail; gone after {@link #close()}. For tests. */
    ByteBuffer ring() {
        return ring;
    }

    /** The buffers that the ring is filled from. For tests. */
    ReceiveBuffers buffers() {
        return buffers;
    }

    /** Receives without the ring. */
    public ReceiveCalls calls() {
        return calls;
    }

    /** The buffer group's id, for SQEs. */
    public short group() {
        return group;
    }

    /** Whether messages share a buffer. */
    public boolean isShared() {
        return incremental;
    }

    /** Of each buffer, in bytes. */
    public int bufferSize() {
        return buffers.bufferSize();
    }

    /** How many buffers the ring is filled up to at present. */
    public int depth() {
        return depth;
    }

    /**
     * The bytes that a completion brought, as a buffer that the caller owns: the memory the kernel wrote, of exactly that
     * length.
     *
     * @param cqeFlags the completion's flags, with IORING_CQE_F_BUFFER set
     * @param length the completion's result; at most what is left of the buffer
     * @param alloc what the buffer's {@link ByteBuf#alloc()} gives, and where it moves to when it must grow
     * @return {@code null} if there are no bytes: the kernel returned a buffer unused
     */
    public ByteBuf take(int cqeFlags, int length, ByteBufAllocator alloc) {
        return take(cqeFlags, 0, length, alloc);
    }

    /**
     * The same, but for bytes in front that nobody keeps.
     *
     * @param headerLength how many those are; the kernel wrote them before the {@code length} that are taken
     */
    public ByteBuf take(int cqeFlags, int headerLength, int length, ByteBufAllocator alloc) {
        ReceiveBuffer buffer = lent(cqeFlags);
        if (headerLength > buffer.capacity() - buffer.filled) {
            throw new IllegalStateException("the kernel claims a header of " + headerLength + " bytes in buffer "
                    + buffer.id + ", which has " + (buffer.capacity() - buffer.filled) + " left");
        }
        buffer.filled += headerLength;
        try {
            return length > 0 ? cut(buffer, length, alloc) : null;
        } finally {
            used(buffer, cqeFlags); // though there may be no heap memory for what stands for it
        }
    }

    /** Takes nothing of what a completion brought in a buffer: it failed, or nobody can read it. */
    public void discard(int cqeFlags) {
        ReceiveBuffer buffer = lent(cqeFlags);
        buffer.unsure = true;
        used(buffer, cqeFlags);
    }

    private void used(ReceiveBuffer buffer, int cqeFlags) {
        if ((cqeFlags & Abi.IORING_CQE_F_BUF_MORE) == 0) {
            inRing--;
            buffer.kernelDone();
        }
    }

    /**
     * The memory that a completion's bytes lie in, in native byte order, to be looked at before they are
     * {@linkplain #take taken}; they begin at {@link #start}. Absolute accesses only.
     */
    public ByteBuffer memory(int cqeFlags) {
        return lent(cqeFlags).inNativeOrder();
    }

    /** Where in its {@link #memory} a completion's bytes begin. */
    public int start(int cqeFlags) {
        return lent(cqeFlags).filled;
    }

    private ReceiveBuffer lent(int cqeFlags) {
        int id = cqeFlags >>> Abi.IORING_CQE_BUFFER_SHIFT;
        ReceiveBuffer buffer = buffers.byId(id);
        if (buffer == null || buffer.state() != BufferState.KERNEL || calls.has(buffer)) {
            throw new IllegalStateException("the kernel names buffer " + id + ", which it does not have");
        }
        return buffer;
    }

    ByteBuf cut(ReceiveBuffer buffer, int length, ByteBufAllocator alloc) {
        int from = buffer.filled;
        if (length > buffer.capacity() - from) {
            throw new IllegalStateException("the kernel claims " + length + " bytes in buffer " + buffer.id
                    + ", which has " + (buffer.capacity() - from) + " left");
        }
        buffer.filled = from + length;
        ByteBuf copy = wasteful && length < buffer.capacity() / MAX_WASTE ? copy(buffer, from, length, alloc) : null;
        return copy != null ? copy : ReceivedByteBuf.newInstance(buffer, from, length, alloc);
    }

    /** {@code null} if the allocator fails, in whatever way: wasting memory is better than losing what was received. */
    private ByteBuf copy(ReceiveBuffer buffer, int from, int length, ByteBufAllocator alloc) {
        ByteBuf copy = null;
        try {
            copy = alloc.directBuffer(length);
            copy.writeBytes(buffer.memory.slice(from, length));
        } catch (Throwable cause) {
            LOGGER.debug("{} received bytes are not copied, and keep their buffer", length, cause);
            ReferenceCountUtil.safeRelease(copy);
            return null;
        }
        copies.lazySet(copies.getPlain() + 1);
        return copy;
    }

    /** Fills the ring up again with what came back. Once a turn: one store publishes all. */
    public void refill() {
        buffers.collectReturned();
        if (!isFull()) {
            checkWaste();
            lend();
        }
    }

    /** Whether the limit allows for more buffers than are in the ring at rest. */
    boolean hasMoreThanTheRing() {
        return buffers.limit() > minDepth;
    }

    /** Whether there are as many buffers in the ring as there are to be. */
    boolean isFull() {
        return inRing >= depth;
    }

    private void lend() {
        short newTail = tail;
        while (inRing < depth) {
            ReceiveBuffer buffer = buffers.take();
            if (buffer == null && calls.close()) {
                buffer = buffers.take();
            }
            if (buffer == null) {
                break;
            }
            buffer.lend();
            int entry = (newTail & ringMask) * Abi.BUF_SIZE;
            ring.putLong(entry + Abi.BUF_ADDR, buffer.address);
            ring.putInt(entry + Abi.BUF_LEN, buffer.capacity());
            ring.putShort(entry + Abi.BUF_BID, buffer.id);
            newTail++;
            inRing++;
        }
        if (newTail != tail) {
            tail = newTail;
            // the tail lies where the first entry has its reserved field
            TAIL.setRelease(ring, Abi.BUF_RESV, newTail);
        }
    }

    /** To be called now and then before buffers are taken. */
    void checkWaste() {
        int inPipeline = count(BufferState.PIPELINE);
        if (inPipeline <= minDepth) {
            wasteful = false;
            inPipelineAtCheck = 0;
        } else if (Math.abs(inPipeline - inPipelineAtCheck) > inPipelineAtCheck >> WASTE_CHECK_SHIFT) {
            inPipelineAtCheck = inPipeline;
            wasteful = (long) inPipeline * buffers.bufferSize() > MAX_WASTE * buffers.bytesInPipeline();
        }
    }

    /** The kernel found the ring empty (-ENOBUFS): the next refill makes it deeper, if it may grow. */
    public void deepen() {
        deepened = true;
        depth = Math.min(maxDepth, depth * 2);
    }

    /** Whether there is more than at rest. */
    public boolean isGrown() {
        return depth > minDepth || buffers.isMoreThanASlabBeyond(minDepth);
    }

    /**
     * To be called every few seconds while it {@linkplain #isGrown() is grown}: if the ring was not found empty since the
     * last call it becomes shallower again, and memory that nobody needs goes back.
     */
    public void calm() {
        calls.calm();
        if (!deepened) {
            depth = Math.max(minDepth, depth / 2);
            buffers.trim(minDepth);
        }
        deepened = false;
    }

    /** How many buffers the kernel has to receive into. */
    public int ready() {
        return inRing;
    }

    /** Whether the pool had no memory when it was last asked: it may have some by now. */
    public boolean isRefused() {
        return buffers.isRefused();
    }

    /** Whether a buffer is in the pipeline, or on its way back: one that the kernel does not have will come. */
    public boolean isReturnExpected() {
        return count(BufferState.PIPELINE) + count(BufferState.RETURNING) > 0;
    }

    /** Whether other threads gave back buffers since the last refill. */
    public boolean hasReturned() {
        return buffers.hasReturned();
    }

    /** Asks for the loop to be woken when a buffer comes back on another thread; look once more after asking. */
    public void awaitReturn(boolean waiting) {
        buffers.awaitReturn(waiting);
    }

    /** How many buffers are in a state. Any thread. */
    public int count(BufferState state) {
        return buffers.census().in(state);
    }

    /** How often a buffer was lent to the kernel. Any thread. */
    public long lent() {
        return buffers.census().lent();
    }

    /** How often one came back, whoever released it last. Any thread. */
    public long returned() {
        return buffers.census().returned();
    }

    /** How many bytes of memory the buffers take. Any thread. */
    public long allocatedBytes() {
        return (long) buffers.allocated() * buffers.bufferSize();
    }

    /** How many pieces were copied, so that they do not keep a buffer. Any thread. */
    public long copies() {
        return copies.get();
    }

    /** How often there was no memory for more buffers below the limit. Any thread. */
    public long failures() {
        return buffers.failures();
    }

    /** In poison mode: how many buffers were written to while nobody had them. Any thread. */
    public long writesAfterReturn() {
        return buffers.writesAfterReturn();
    }

    /** The io_uring is closed, and the kernel done with it: it has the ring no more, and the descriptor may be another file's. */
    public void ringClosed() {
        ringFd = NOT_REGISTERED;
    }

    /**
     * Takes the ring from the kernel. No receive may be in flight. Pieces that are in the pipeline stay valid; the memory
     * goes with the last of them.
     */
    public void close() {
        if (ringFd != NOT_REGISTERED) {
            // the ring itself is the argument: nobody receives any more, and for other memory there may be none
            unregister(ringFd, group, ringMemory);
        }
        ringMemory.close();
        calls.close();
        buffers.forEach(buffer -> {
            if (buffer.state() == BufferState.KERNEL) {
                inRing--;
                buffer.unsure = true;
                buffer.kernelDone();
            }
        });
        buffers.close();
    }
}
