// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/**
 * The moment when the kernel is done with all operations of a ring, which may be long after the ring was closed. The kernel
 * lets go of the files that are registered with a ring when no operation is left that could use them. One such file is the
 * write end of a pipe, which nobody else has open: then a thread that reads from the pipe finds its end.
 */
final class RingEnd {
    private static final ThreadFactory THREADS = new DefaultThreadFactory("uring-end", true);
    private static final int FDS_SIZE = 2 * Integer.BYTES;

    private final int readEnd;
    private final MappedMemory memory;

    private RingEnd(int readEnd, MappedMemory memory) {
        this.readEnd = readEnd;
        this.memory = memory;
    }

    /**
     * By the ring's thread, before the ring is closed.
     *
     * @throws IOException if the process has no file descriptor (EMFILE), or the machine no memory (ENOMEM)
     */
    static RingEnd of(int ringFd) throws IOException {
        MappedMemory memory = MappedMemory.anonymous(FDS_SIZE, true);
        try {
            int result = Native.pipe2(memory.address(), SocketAbi.O_CLOEXEC);
            if (result < 0) {
                throw Errno.newIOException("pipe2", result);
            }
            int readEnd = memory.buffer().getInt(0);
            int writeEnd = memory.buffer().getInt(Integer.BYTES);
            result = Native.ioUringRegister(ringFd, Abi.IORING_REGISTER_FILES, memory.address() + Integer.BYTES, 1);
            Native.close(writeEnd);
            if (result < 0) {
                Native.close(readEnd);
                throw Errno.newIOException("io_uring_register(IORING_REGISTER_FILES)", result);
            }
            return new RingEnd(readEnd, memory);
        } catch (IOException e) {
            memory.close();
            throw e;
        }
    }

    /** Calls {@code action} on a thread of its own, which does not keep the JVM from exiting. */
    void await(Runnable action) {
        THREADS.newThread(() -> {
                    awaitEndOfPipe();
                    action.run();
                })
                .start();
    }

    /** Nobody waits. */
    void close() {
        Native.close(readEnd);
        memory.close();
    }

    private void awaitEndOfPipe() {
        long result;
        do {
            result = Native.read(readEnd, memory.address(), 1);
        } while (result == -Errno.EINTR);
        if (result != 0) {
            throw new IllegalStateException(Errno.message("read from a pipe that nobody writes to", (int) result));
        }
        close();
    }
}
