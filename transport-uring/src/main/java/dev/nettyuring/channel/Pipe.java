// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.KernelException;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;

/** A pipe, neither of whose ends blocks, for bytes that pass from one file to another within the kernel. */
final class Pipe {
    private static final int FDS_SIZE = 2 * Integer.BYTES;

    private final int readEnd;
    private final int writeEnd;

    private Pipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /**
     * Opens one that holds so much, or as much as the kernel lets this user have (pipe-user-pages-soft).
     *
     * @throws IOException if there is no file descriptor (EMFILE, ENFILE) or no memory (ENOMEM)
     */
    static Pipe open(int capacityBytes) throws IOException {
        try (MappedMemory fds = MappedMemory.anonymous(FDS_SIZE, true)) {
            int result = Native.pipe2(fds.address(), SocketAbi.O_CLOEXEC | SocketAbi.O_NONBLOCK);
            if (result < 0) {
                throw new KernelException("pipe2", result, advice(-result));
            }
            Pipe pipe = new Pipe(fds.buffer().getInt(0), fds.buffer().getInt(Integer.BYTES));
            Native.fcntl(pipe.writeEnd, SocketAbi.F_SETPIPE_SZ, capacityBytes);
            return pipe;
        }
    }

    private static String advice(int errno) {
        return errno == Errno.ENFILE
                ? Errno.advice(errno) + ", or no more memory for this user's pipes (fs.pipe-user-pages-hard)"
                : Errno.advice(errno);
    }

    int readEnd() {
        return readEnd;
    }

    int writeEnd() {
        return writeEnd;
    }

    void close() {
        Native.close(writeEnd);
        Native.close(readEnd);
    }
}
