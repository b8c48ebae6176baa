// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory from mmap(2), seen as an address by the kernel and as a {@link ByteBuffer} in native byte order by Java. It is
 * neither zeroed by the JVM nor freed by the garbage collector: {@link #close()} unmaps it, after which nobody may touch
 * the buffer.
 */
public final class MappedMemory implements AutoCloseable {
    private final ByteBuffer buffer;
    private final long address;
    private final long length;
    private boolean closed;

    private MappedMemory(long address, long length) {
        this.address = address;
        this.length = length;
        buffer = Native.newDirectByteBuffer(address, length).order(ByteOrder.nativeOrder());
    }

    /**
     * Private anonymous memory, page-aligned.
     *
     * @param length in bytes
     * @param populate whether every page is faulted in at once (MAP_POPULATE)
     * @throws IOException if the kernel has none to give (ENOMEM)
     */
    public static MappedMemory anonymous(int length, boolean populate) throws IOException {
        int flags = SocketAbi.MAP_PRIVATE | SocketAbi.MAP_ANONYMOUS | (populate ? SocketAbi.MAP_POPULATE : 0);
        return map(length, flags, -1, 0);
    }

    /**
     * Private anonymous memory at a multiple of {@code alignment}, of which no page is faulted in yet.
     *
     * @param length in bytes, a multiple of the page size
     * @param alignment in bytes, a power of two and a multiple of the page size
     * @throws IOException if the kernel has none to give (ENOMEM)
     */
    public static MappedMemory aligned(int length, int alignment) throws IOException {
        long more = (long) length + alignment;
        long start = mapOrThrow(more, SocketAbi.MAP_PRIVATE | SocketAbi.MAP_ANONYMOUS, -1, 0);
        long address = (start + alignment - 1) & -alignment;
        if (address > start) {
            Native.munmap(start, address - start);
        }
        if (address + length < start + more) {
            Native.munmap(address + length, start + more - address - length);
        }
        return new MappedMemory(address, length);
    }

    /**
     * Memory that the kernel shares through a file descriptor, as io_uring's rings are.
     *
     * @param length in bytes
     * @param offset which region of the fd
     * @throws IOException if the mapping is refused
     */
    public static MappedMemory shared(int fd, int length, long offset) throws IOException {
        return map(length, SocketAbi.MAP_SHARED | SocketAbi.MAP_POPULATE, fd, offset);
    }

    private static MappedMemory map(int length, int flags, int fd, long offset) throws IOException {
        return new MappedMemory(mapOrThrow(length, flags, fd, offset), length);
    }

    private static long mapOrThrow(long length, int flags, int fd, long offset) throws IOException {
        long address = Native.mmap(length, SocketAbi.PROT_READ | SocketAbi.PROT_WRITE, flags, fd, offset);
        if (address < 0) {
            throw new KernelException("mmap of " + length + " bytes", (int) address, advice((int) -address));
        }
        return address;
    }

    private static String advice(int errno) {
        switch (errno) {
            case Errno.ENOMEM:
                return Errno.advice(errno) + ", or this process has too many mappings (sysctl vm.max_map_count)";
            case Errno.EAGAIN:
                return ": the memory that this user may lock is used up (raise RLIMIT_MEMLOCK with ulimit -l)";
            case Errno.EPERM:
            case Errno.EACCES:
                return ": a seccomp filter or a security module forbids it";
            default:
                return Errno.advice(errno);
        }
    }

    /**
     * Asks for huge pages, before the memory is touched (MADV_HUGEPAGE).
     *
     * @return 0, or {@code -EINVAL} on a kernel without transparent huge pages: the memory then has ordinary ones
     */
    public int preferHugePages() {
        return Native.madvise(address, length, SocketAbi.MADV_HUGEPAGE);
    }

    /**
     * Faults every page in, now and on this thread (MADV_POPULATE_WRITE, kernel 5.14).
     *
     * @return 0, or {@code -errno}: {@code -ENOMEM} if the machine has no memory for it
     */
    public int prefault() {
        return Native.madvise(address, length, SocketAbi.MADV_POPULATE_WRITE);
    }

    /** The first byte's address. */
    public long address() {
        return address;
    }

    /** The whole memory, in native byte order. Absolute accesses only: it is shared. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** The length in bytes. */
    public int length() {
        return (int) length;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Native.munmap(address, length);
        }
    }
}
