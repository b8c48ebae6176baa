// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.MappedMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Memory for the small structures that an operation hands to the kernel: addresses, iovecs, msghdrs. Blocks of a power of
 * two, kept for the next operation when freed. One thread.
 */
public final class NativeBlocks implements AutoCloseable {
    /** The smallest block, in bytes: a {@code sockaddr_storage}, or a msghdr and four iovecs. */
    public static final int MIN_BLOCK = 128;
    /** The largest block, in bytes: a msghdr and 1,020 iovecs. */
    public static final int MAX_BLOCK = 16 << 10;

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int MIN_SHIFT = Integer.numberOfTrailingZeros(MIN_BLOCK);
    private static final int CLASSES = Integer.numberOfTrailingZeros(MAX_BLOCK) - MIN_SHIFT + 1;

    private final List<MappedMemory> chunks = new ArrayList<>();
    private final List<Deque<Block>> free = new ArrayList<>(CLASSES);

    /** Creates a pool that has no memory yet. */
    public NativeBlocks() {
        for (int i = 0; i < CLASSES; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /**
     * A block of at least {@code bytes}, whose content is undefined.
     *
     * @throws IllegalArgumentException above {@link #MAX_BLOCK}
     * @throws UncheckedIOException if the machine has no memory left
     */
    public Block allocate(int bytes) {
        if (bytes > MAX_BLOCK) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: at most " + MAX_BLOCK + ")");
        }
        int sizeClass = sizeClass(bytes);
        Block block = free.get(sizeClass).pollFirst();
        return block != null ? block : carve(sizeClass);
    }

    private static int sizeClass(int bytes) {
        return bytes <= MIN_BLOCK ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1) - MIN_SHIFT;
    }

    private Block carve(int sizeClass) {
        MappedMemory chunk;
        try {
            chunk = MappedMemory.anonymous(CHUNK_BYTES, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        chunks.add(chunk);
        int size = MIN_BLOCK << sizeClass;
        Deque<Block> blocks = free.get(sizeClass);
        for (int offset = 0; offset < CHUNK_BYTES; offset += size) {
            blocks.addLast(new Block(this, sizeClass, chunk, offset, size));
        }
        return blocks.pollFirst();
    }

    /** Unmaps everything; no block may be in use. */
    @Override
    public void close() {
        free.forEach(Deque::clear);
        chunks.forEach(MappedMemory::close);
        chunks.clear();
    }

    /** Memory of one structure: written through {@link #buffer()}, handed to the kernel as {@link #address()}. */
    public static final class Block {
        private final NativeBlocks pool;
        private final int sizeClass;
        private final ByteBuffer buffer;
        private final long address;

        private Block(NativeBlocks pool, int sizeClass, MappedMemory chunk, int offset, int size) {
            this.pool = pool;
            this.sizeClass = sizeClass;
            buffer = chunk.buffer().slice(offset, size).order(ByteOrder.nativeOrder());
            address = chunk.address() + offset;
        }

        /** The memory in native byte order; absolute accesses only. */
        public ByteBuffer buffer() {
            return buffer;
        }

        /** The first byte's address. */
        public long address() {
            return address;
        }

        /** Gives it back; the kernel must be done with it. */
        public void free() {
            pool.free.get(sizeClass).addFirst(this);
        }
    }
}
