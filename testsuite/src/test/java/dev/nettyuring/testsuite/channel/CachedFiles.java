// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Feature;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** What the kernel tells of the page cache, by the calls that the transport makes. */
final class CachedFiles {
    private static final int MEMORY_BYTES = 4096;
    private static final int PAGES = 64;
    private static final int IOVEC = 128;
    private static final int BYTE = 256;
    private static final int PROT_READ = 1;
    private static final int MAP_LOCKED = 0x2000;

    private CachedFiles() {}

    /** Whether a file's first byte, which is cached, can be read without ever waiting. */
    static boolean canBeRead(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file);
                MappedMemory memory = MappedMemory.anonymous(MEMORY_BYTES, true)) {
            memory.buffer().putLong(IOVEC + SocketAbi.IOVEC_BASE, memory.address() + BYTE);
            memory.buffer().putLong(IOVEC + SocketAbi.IOVEC_LEN, 1);
            return Native.preadv2(RegionFields.fd(channel), memory.address() + IOVEC, 1, 0, FileAbi.RWF_NOWAIT) == 1;
        }
    }

    /** Whether the transport learns how much of a file is cached. */
    static boolean areTold(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file);
                MappedMemory memory = MappedMemory.anonymous(MEMORY_BYTES, true)) {
            int fd = RegionFields.fd(channel);
            return Uring.features().contains(Feature.CACHESTAT)
                    && Native.cachestat(fd, memory.address(), memory.address() + PAGES, 0) == 0
                    && canBeRead(file);
        }
    }

    /** Keeps a file in the page cache, out of which the kernel may otherwise take it at any time, until this is closed. */
    static Held hold(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            int flags = SocketAbi.MAP_SHARED | SocketAbi.MAP_POPULATE | MAP_LOCKED;
            long length = channel.size();
            long address = Native.mmap(length, PROT_READ, flags, RegionFields.fd(channel), 0);
            if (address < 0) {
                throw Errno.newIOException("mmap of " + file + " with MAP_LOCKED", (int) address);
            }
            return () -> Native.munmap(address, length);
        }
    }

    interface Held extends AutoCloseable {
        @Override
        void close();
    }
}
