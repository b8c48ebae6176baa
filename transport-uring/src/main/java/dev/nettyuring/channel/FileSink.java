// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A splice's way into a file. Files may block, so that this is IORING_OP_SPLICE, which a thread of the kernel's executes. Loop
 * thread of the source only.
 */
final class FileSink extends Operation implements SpliceSink {
    private final UringStreamChannel source;
    private final int fd;
    private final long offset;
    private Splice splice;

    FileSink(UringStreamChannel source, int fd, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: 0 or more)");
        }
        this.source = source;
        this.fd = fd;
        this.offset = offset;
    }

    @Override
    public void begin(Splice splice) {
        this.splice = splice;
    }

    @Override
    public void moreTaken() {
        if (isInFlight() || splice.isPipeEmpty() || splice.isSinkOver()) {
            return;
        }
        if (source.canSubmit()) {
            source.submit(this);
        } else if (!source.isOpen()) {
            writeRest();
        } // else it is between two loops
    }

    @Override
    public void awaited() {
        moreTaken();
    }

    @Override
    protected void encode(Submission sqe) {
        sqe.operation(Abi.IORING_OP_SPLICE, fd)
                .spliceFrom(splice.pipe().readEnd())
                .addr(-1)
                .off(offset + splice.delivered())
                .len((int) splice.inPipe());
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        written(result);
        moreTaken();
    }

    private void written(long result) {
        if (result > 0) {
            splice.deliver(result);
        } else if (!Errno.isTransient((int) -result)) {
            splice.sinkEnded(Errno.newIOException("splice to fd " + fd, result == 0 ? -Errno.EIO : (int) result));
        }
    }

    /** The channel is closed, and has no operations any more; a pipe's worth at most is left. */
    private void writeRest() {
        ByteBuffer position = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        while (!splice.isPipeEmpty() && !splice.isSinkOver()) {
            position.putLong(0, offset + splice.delivered());
            written(Native.splice(
                    splice.pipe().readEnd(), 0, fd, Native.directBufferAddress(position), splice.inPipe(), 0));
        }
    }

    @Override
    public String toString() {
        return "SPLICE to fd " + fd + " from " + source;
    }
}
