// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;

/** What of a file is in memory, on its way to a socket, if anything is. Loop thread only. */
final class ReadChunk {
    /** What O_DIRECT asks of addresses, offsets and lengths; some file systems ask less. */
    private static final int BLOCK_BYTES = 4096;

    private ByteBuf memory;
    /** The file was opened with O_DIRECT: whole blocks are read to aligned memory. */
    private boolean readsBlocks;

    /** The next is of another file. */
    void reset() {
        readsBlocks = false;
    }

    boolean readsBlocks() {
        return readsBlocks;
    }

    void readBlocks() {
        readsBlocks = true;
    }

    /** Takes memory for the file's next bytes, a chunk, or as many as are {@code left}. */
    void allocate(long left) {
        int capacity = (int) Math.min(ChunkTransfer.CHUNK_BYTES, left);
        if (readsBlocks) {
            capacity = ChunkTransfer.CHUNK_BYTES + BLOCK_BYTES;
        }
        memory = UringByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
        if (readsBlocks) {
            int start = (int) (-MemoryAddress.of(memory, 0) & (BLOCK_BYTES - 1));
            memory.setIndex(start, start);
        }
    }

    /** How many of the first bytes lie before those that are wanted. */
    private int skipped(long offset) {
        return readsBlocks ? (int) (offset % BLOCK_BYTES) : 0;
    }

    void encodeRead(Submission sqe, int fd, long offset) {
        sqe.operation(Abi.IORING_OP_READ, fd)
                .off(offset - skipped(offset))
                .addr(MemoryAddress.of(memory, memory.writerIndex()))
                .len(readsBlocks ? ChunkTransfer.CHUNK_BYTES : memory.capacity());
    }

    /** Reads what is cached: as {@link PageCache#read}. */
    int readCached(PageCache cache, int fd, long offset) {
        return cache.read(fd, offset, MemoryAddress.of(memory, 0), memory.capacity());
    }

    /** So many bytes were read, of the file's that are {@code left}; {@code false} if those are none. */
    boolean filled(int result, long offset, long left) {
        int bytes = (int) Math.min((long) result - skipped(offset), left);
        if (bytes <= 0) {
            return false;
        }
        int start = memory.writerIndex() + skipped(offset);
        memory.setIndex(start, start + bytes);
        return true;
    }

    void encodeSend(Submission sqe, int socket, int flags) {
        sqe.operation(Abi.IORING_OP_SEND, socket)
                .addr(MemoryAddress.of(memory, memory.readerIndex()))
                .len(memory.readableBytes())
                .operationFlags(SocketAbi.MSG_NOSIGNAL | flags);
    }

    boolean isEmpty() {
        return !memory.isReadable();
    }

    /** So many bytes are on their way. */
    void sent(int bytes) {
        memory.skipBytes(bytes);
    }

    /** Gives back the memory, if there is any. */
    void giveBack() {
        if (memory != null) {
            memory.release();
            memory = null;
        }
    }
}
