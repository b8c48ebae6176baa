// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakHint;

/** READ, or READ_FIXED, into a buffer that stays the user's. Loop thread only. */
final class FileRead extends FileOperation<ByteBuf> implements ResourceLeakHint {
    private final ByteBuf buffer;
    private final long position;

    FileRead(UringFile file, ByteBuf buffer, long position) {
        super(file);
        this.buffer = buffer.retain();
        this.position = position;
        buffer.touch(this);
    }

    @Override
    protected void encode(Submission sqe) {
        long address = MemoryAddress.of(buffer, buffer.writerIndex());
        int index = file.fixedIndex(address, buffer.writableBytes());
        if (index == FixedBuffers.NONE) {
            sqe.operation(Abi.IORING_OP_READ, file.fd());
        } else {
            sqe.operation(Abi.IORING_OP_READ_FIXED, file.fd()).bufferIndex(index);
        }
        sqe.off(position).addr(address).len(buffer.writableBytes());
    }

    @Override
    void done(int result) {
        buffer.writerIndex(buffer.writerIndex() + result);
        succeed(buffer);
    }

    @Override
    String call() {
        return "read";
    }

    @Override
    public String toHintString() {
        return "READ of " + file.path();
    }

    @Override
    void release() {
        buffer.release();
    }
}
