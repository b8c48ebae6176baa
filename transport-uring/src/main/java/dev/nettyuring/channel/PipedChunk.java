// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Submission;
import java.io.IOException;

/** What of a file is in a pipe, on its way to a socket, if anything is. Loop thread only. */
final class PipedChunk {
    private static final long NO_OFFSET = -1;

    private PipePool pool;
    private Pipe pipe;
    private int bytes;

    /** Takes an empty pipe to the channel's socket; {@code false} if there is no file descriptor for one. */
    boolean take(UringStreamChannel channel) {
        try {
            channel.socket().makeNonBlocking();
            pool = channel.handler().pipes();
            pipe = pool.acquire();
            return true;
        } catch (IOException noDescriptor) {
            return false;
        }
    }

    /** Asks for the file's next bytes, a chunk, or as many as are {@code left}. */
    void encode(Submission sqe, int fd, long offset, long left) {
        sqe.operation(Abi.IORING_OP_SPLICE, pipe.writeEnd())
                .spliceFrom(fd)
                .addr(offset)
                .off(NO_OFFSET)
                .len((int) Math.min(ChunkTransfer.CHUNK_BYTES, left));
    }

    void filled(int bytes) {
        this.bytes = bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Moves to the socket what it takes now: so many bytes, or {@code -errno}. */
    int moveTo(int socket) {
        int result = (int) Native.splice(pipe.readEnd(), 0, socket, 0, bytes, SocketAbi.SPLICE_F_NONBLOCK);
        if (result > 0) {
            bytes -= result;
        }
        return result;
    }

    /** Gives back the pipe, if there is one. */
    void giveBack() {
        if (pipe == null) {
            return;
        }
        if (bytes == 0) {
            pool.release(pipe);
        } else {
            pipe.close();
        }
        pipe = null;
        bytes = 0;
    }
}
