// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Abi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loop's receive buffers, and beside them what they should be like. Every step is done to both; {@link #check()} compares
 * them. The test is the kernel, and whoever has the pieces.
 */
final class ReceiveModel implements AutoCloseable {

    private final ReceiveMemory memory;
    private final boolean owned;
    private final TestPool pool = new TestPool();
    private final AtomicInteger wakes = new AtomicInteger();
    private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(true, true);
    private final ProvidedBuffers provided;
    private final TestKernel kernel;
    private final ModelSlabs slabs;
    private final ModelWaste waste;
    private final List<ModelPiece> pieces = new ArrayList<>();
    private final Random bytes = new Random(1);

    private final int minDepth;
    private final int maxDepth;
    private int depth;
    private boolean deepened;
    private long failures;
    private long copies;
    private boolean waiting;
    private int expectedWakes;
    private boolean closed;

    /**
     * @param memory but for its pool
     * @param owned whether the thread that takes the steps is the loop's, as it is when the ring is registered
     */
    ReceiveModel(ReceiveMemory memory, boolean owned) {
        this.memory = new ReceiveMemory(
                memory.bufferSize(),
                memory.depth(),
                memory.maxDepth(),
                memory.limit(),
                memory.incremental(),
                memory.slabSize(),
                memory.scrubOnRelease(),
                pool);
        this.owned = owned;
        try {
            provided = new ProvidedBuffers(0, this.memory, wakes::incrementAndGet);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (owned) {
            provided.buffers().ownedBy(Thread.currentThread());
        }
        kernel = new TestKernel(provided.ring());
        slabs = new ModelSlabs(this.memory, pool);
        minDepth = Math.min(memory.depth(), memory.limit());
        waste = new ModelWaste(slabs, memory.bufferSize(), minDepth);
        maxDepth = Math.min(memory.maxDepth(), memory.limit());
        depth = minDepth;
    }

    boolean isOpen() {
        return !closed;
    }

    boolean hasReady() {
        return !closed && kernel.ready() > 0;
    }

    boolean hasPieces() {
        return !pieces.isEmpty();
    }

    /** Whether nothing is left that a step could be taken with. */
    boolean isFinished() {
        return closed && pieces.isEmpty();
    }

    void setPoolDry(boolean dry) {
        pool.setDry(dry);
    }

    void awaitReturn(boolean await) {
        provided.awaitReturn(await);
        waiting = await;
    }

    void refill() {
        provided.refill();
        slabs.stream().filter(b -> b.state == BufferState.RETURNING).forEach(b -> b.state = BufferState.FREE);
        if (kernel.ready() < depth) {
            waste.reckon();
            lend();
        }
        assertThat(kernel.hasPublished()).as("more than needed").isFalse();
    }

    private void lend() {
        while (kernel.ready() < depth) {
            if (slabs.count(BufferState.FREE) == 0) {
                if (slabs.isAtLimit()) {
                    return;
                }
                if (pool.isDry()) {
                    failures++;
                    return;
                }
                slabs.add();
            }
            assertThat(kernel.hasPublished()).as("another buffer in the ring").isTrue();
            TestKernel.Entry entry = kernel.accept();
            ModelBuffer buffer = slabs.byId(entry.id);
            assertThat(buffer.state).as("state of what is lent").isEqualTo(BufferState.FREE);
            assertThat(entry.address()).as("address").isEqualTo(buffer.address);
            assertThat(entry.left()).as("length").isEqualTo(memory.bufferSize());
            buffer.state = BufferState.KERNEL;
            buffer.filled = 0;
        }
    }

    /** The kernel receives bytes into the first buffer, at most what is left of it. */
    void receive(int length, boolean more) {
        TestKernel.Entry entry = kernel.first();
        ModelBuffer buffer = slabs.byId(entry.id);
        byte[] received = new byte[Math.min(length, entry.left())];
        bytes.nextBytes(received);
        long address = entry.address();
        kernel.write(received);
        buffer.filled += received.length;
        ByteBuf piece = complete(entry, received.length, more && memory.incremental() && entry.left() > 0, buffer);
        assertThat(piece.readableBytes()).isEqualTo(received.length);
        if (RawMemory.addressOf(piece) != address) {
            assertThat(waste.mayCopy()).as("small pieces waste memory").isTrue();
            assertThat(received.length).isLessThan(memory.bufferSize() / ProvidedBuffers.MAX_WASTE);
            copies++;
            pieces.add(new ModelPiece(piece, null, received));
        } else {
            pieces.add(new ModelPiece(piece, buffer, received));
        }
    }

    void receiveOften(int times, int length) {
        for (int i = 0; i < times; i++) {
            if (hasReady()) {
                receive(length, false);
            }
            refill();
        }
    }

    /** The kernel gives the first buffer back, or a completion names it that brings nothing. */
    void receiveNothing(boolean more) {
        TestKernel.Entry entry = kernel.first();
        ModelBuffer buffer = slabs.byId(entry.id);
        assertThat(complete(entry, 0, more && memory.incremental(), buffer)).isNull();
    }

    private ByteBuf complete(TestKernel.Entry entry, int length, boolean more, ModelBuffer buffer) {
        ByteBuf piece = provided.take(
                entry.id << Abi.IORING_CQE_BUFFER_SHIFT
                        | Abi.IORING_CQE_F_BUFFER
                        | (more ? Abi.IORING_CQE_F_BUF_MORE : 0),
                length,
                alloc);
        if (piece != null && RawMemory.addressOf(piece) == entry.address() - length) {
            buffer.keep(length);
        }
        if (!more) {
            kernel.finish();
            buffer.state = BufferState.PIPELINE;
            comesHomeIfUnused(buffer, false);
        }
        waste.kept();
        return piece;
    }

    private void comesHomeIfUnused(ModelBuffer buffer, boolean elsewhere) {
        if (buffer.state != BufferState.PIPELINE || buffer.pieces > 0) {
            return;
        }
        if (closed || owned && !elsewhere) {
            buffer.state = BufferState.FREE;
        } else {
            buffer.state = BufferState.RETURNING;
            expectedWakes += waiting ? 1 : 0;
        }
    }

    /** Somebody releases one of the references to a piece. */
    void release(int whichPiece, int whichReference, boolean elsewhere) {
        ModelPiece piece = piece(whichPiece);
        ByteBuf reference = piece.remove(whichReference);
        boolean last = piece.references() == 0;
        run(elsewhere, () -> assertThat(reference.release()).isEqualTo(last));
        if (last) {
            pieces.remove(piece);
            leavesItsBuffer(piece, elsewhere);
        }
    }

    void releaseAllBut(int left, int from, boolean elsewhere) {
        for (int i = pieces.stream().mapToInt(ModelPiece::references).sum(); i > left; i--) {
            release(from, from, elsewhere);
        }
    }

    private void leavesItsBuffer(ModelPiece piece, boolean elsewhere) {
        if (piece.buffer != null) {
            piece.buffer.drop(piece.received);
            comesHomeIfUnused(piece.buffer, elsewhere);
            piece.buffer = null;
        }
    }

    private ModelPiece piece(int which) {
        return pieces.get(which % pieces.size());
    }

    private static void run(boolean elsewhere, Runnable step) {
        if (elsewhere) {
            Elsewhere.run(step);
        } else {
            step.run();
        }
    }

    void derive(int whichPiece, ModelPiece.Derivation derivation, int from, int length) {
        piece(whichPiece).derive(derivation, from, length);
    }

    void write(int whichPiece, int whichReference, int at, byte value) {
        piece(whichPiece).write(whichReference, at, value);
    }

    /** A piece grows out of its buffer, or is cut short in it. */
    void resize(int whichPiece, int capacity, boolean elsewhere) {
        ModelPiece piece = piece(whichPiece);
        if (!piece.mayHaveCapacity(capacity)) {
            return;
        }
        boolean moves = capacity > piece.length();
        run(elsewhere, () -> piece.resize(capacity, (byte) capacity));
        if (moves) {
            leavesItsBuffer(piece, elsewhere);
        }
    }

    void deepen() {
        provided.deepen();
        deepened = true;
        depth = Math.min(maxDepth, 2 * depth);
    }

    void calm() {
        provided.calm();
        if (!deepened) {
            depth = Math.max(minDepth, depth / 2);
            slabs.trim(minDepth);
        }
        deepened = false;
    }

    /** The loop ends. */
    void end() {
        provided.close();
        slabs.stream().filter(b -> b.state == BufferState.KERNEL).forEach(buffer -> {
            buffer.state = BufferState.PIPELINE;
            comesHomeIfUnused(buffer, false);
        });
        slabs.stream().filter(b -> b.state == BufferState.RETURNING).forEach(b -> b.state = BufferState.FREE);
        closed = true;
    }

    /** Compares what is with what should be. */
    void check() {
        for (BufferState state : BufferState.values()) {
            assertThat(provided.count(state)).as("%s", state).isEqualTo(slabs.count(state));
        }
        slabs.stream().forEach(this::check);
        pieces.forEach(ModelPiece::check);
        checkApart();
        waste.check(maxDepth);
        checkNumbers();
        boolean over = closed && slabs.stream().allMatch(buffer -> buffer.state == BufferState.FREE);
        assertThat(provided.buffers().isOver()).as("over").isEqualTo(over);
        slabs.check(over);
        if (!closed) {
            checkOpen();
        }
    }

    private void check(ModelBuffer buffer) {
        ReceiveBuffer actual = provided.buffers().byId(buffer.id);
        assertThat(actual.state()).as("state of buffer %s", buffer.id).isEqualTo(buffer.state);
        assertThat(actual.bytesInPipeline())
                .as("bytes in use in buffer %s", buffer.id)
                .isEqualTo(buffer.bytesKept);
        boolean returned = buffer.state == BufferState.FREE || buffer.state == BufferState.RETURNING;
        if (returned && (memory.scrubOnRelease() || Poison.ENABLED)) {
            checkCleared(buffer, Poison.ENABLED ? Poison.PATTERN : 0);
        }
    }

    private static void checkCleared(ModelBuffer buffer, byte cleared) {
        ByteBuffer filled = RawMemory.at(buffer.address, buffer.filled);
        for (int i = 0; i < buffer.filled; i++) {
            if (filled.get(i) != cleared) {
                throw new AssertionError("byte " + i + " of buffer " + buffer.id + " was not cleared");
            }
        }
    }

    /** No two pieces lie on each other, nor does one lie where the kernel writes next. */
    private void checkApart() {
        List<long[]> parts = new ArrayList<>();
        pieces.forEach(piece -> parts.add(new long[] {piece.address(), piece.address() + piece.length()}));
        slabs.stream()
                .filter(buffer -> buffer.state == BufferState.KERNEL)
                .forEach(buffer ->
                        parts.add(new long[] {buffer.address + buffer.filled, buffer.address + memory.bufferSize()}));
        parts.removeIf(part -> part[0] == part[1]);
        parts.sort((a, b) -> Long.compare(a[0], b[0]));
        for (int i = 1; i < parts.size(); i++) {
            assertThat(parts.get(i)[0]).as("start of a piece").isGreaterThanOrEqualTo(parts.get(i - 1)[1]);
        }
    }

    private void checkNumbers() {
        assertThat(provided.allocatedBytes())
                .as("allocated bytes")
                .isEqualTo(slabs.stream().count() * memory.bufferSize());
        assertThat(provided.failures()).as("failures").isEqualTo(failures);
        assertThat(provided.copies()).as("copies").isEqualTo(copies);
        assertThat(provided.writesAfterReturn()).as("writes after return").isZero();
        assertThat(wakes.get()).as("wakes").isEqualTo(expectedWakes);
    }

    private void checkOpen() {
        kernel.checkRing();
        assertThat(provided.depth()).as("depth").isEqualTo(depth);
        assertThat(provided.ready()).as("ready").isEqualTo(kernel.ready());
        int returning = slabs.count(BufferState.RETURNING);
        assertThat(provided.hasReturned()).as("has returned").isEqualTo(returning > 0);
        assertThat(provided.isReturnExpected())
                .as("return expected")
                .isEqualTo(returning + slabs.count(BufferState.PIPELINE) > 0);
    }

    /** Ends the loop, if that was not done, and releases everything. */
    void finish() {
        if (!closed) {
            end();
            check();
        }
        for (int i = 0; hasPieces(); i++) {
            release(i, i, i % 3 == 0);
            check();
        }
        assertThat(provided.buffers().isOver()).as("over").isTrue();
        assertThat(alloc.metric().usedDirectMemory())
                .as("memory that pieces moved to")
                .isZero();
    }

    @Override
    public String toString() {
        return memory + (owned ? ", on the loop's thread" : "");
    }

    /** Lets go of the memory, whatever state it is in. */
    @Override
    public void close() {
        if (!closed) {
            provided.close();
        }
        pool.close();
    }
}
