// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.ring.Submission;
import java.nio.ByteBuffer;
import java.time.Instant;

/** What statx(2) told of a file, at the time. Immutable. */
public final class FileStatus {
    private static final int EMPTY_PATH = FileAbi.STATX_BYTES;
    /** What the call needs: the struct, and an empty path. */
    static final int BLOCK_BYTES = FileAbi.STATX_BYTES + 1;

    private static final int TYPE_MASK = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int PERMISSIONS_MASK = 0xfff;
    private static final int DEFAULT_ALIGNMENT = 4096;

    private final long size;
    private final int mode;
    private final Instant lastModified;

    FileStatus(NativeBlocks.Block block) {
        ByteBuffer memory = block.buffer();
        size = memory.getLong(FileAbi.STATX_SIZE);
        mode = memory.getShort(FileAbi.STATX_MODE);
        lastModified = Instant.ofEpochSecond(
                memory.getLong(FileAbi.STATX_MTIME_SECONDS), memory.getInt(FileAbi.STATX_MTIME_NANOS));
    }

    static void encode(Submission sqe, int fd, NativeBlocks.Block block) {
        block.buffer().put(EMPTY_PATH, (byte) 0);
        sqe.operation(Abi.IORING_OP_STATX, fd)
                .addr(block.address() + EMPTY_PATH)
                .off(block.address())
                .len(FileAbi.STATX_BASIC_STATS | FileAbi.STATX_DIOALIGN)
                .operationFlags(FileAbi.AT_EMPTY_PATH);
    }

    /** In bytes, of memory as of offsets: what suits most file systems where this one does not tell. */
    static int directAlignment(NativeBlocks.Block block) {
        ByteBuffer memory = block.buffer();
        int alignment = 0;
        if ((memory.getInt(FileAbi.STATX_MASK) & FileAbi.STATX_DIOALIGN) != 0) {
            alignment =
                    Math.max(memory.getInt(FileAbi.STATX_DIO_MEM_ALIGN), memory.getInt(FileAbi.STATX_DIO_OFFSET_ALIGN));
        }
        return alignment > 0 ? alignment : DEFAULT_ALIGNMENT;
    }

    /** The file's length in bytes. */
    public long size() {
        return size;
    }

    /** When its bytes were changed last. */
    public Instant lastModified() {
        return lastModified;
    }

    /** Whether it is a file in the narrow sense: no directory, pipe or device. */
    public boolean isRegularFile() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    /** The twelve permission bits, as in {@code 0644}. */
    public int permissions() {
        return mode & PERMISSIONS_MASK;
    }

    @Override
    public String toString() {
        return "FileStatus(size: " + size + ", mode: 0" + Integer.toOctalString(mode & 0xffff) + ", lastModified: "
                + lastModified + ')';
    }
}
