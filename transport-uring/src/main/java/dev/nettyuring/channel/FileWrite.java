// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;

/** WRITE, or WRITE_FIXED, until all of a buffer that stays the user's is written. Loop thread only. */
final class FileWrite extends FileOperation<ByteBuf> {
    private final ByteBuf buffer;
    private long position;

    FileWrite(UringFile file, ByteBuf buffer, long position) {
        super(file);
        this.buffer = buffer.retain();
        this.position = position;
    }

    @Override
    protected void encode(Submission sqe) {
        long address = MemoryAddress.of(buffer, buffer.readerIndex());
        int index = file.fixedIndex(address, buffer.readableBytes());
        if (index == FixedBuffers.NONE) {
            sqe.operation(Abi.IORING_OP_WRITE, file.fd());
        } else {
            sqe.operation(Abi.IORING_OP_WRITE_FIXED, file.fd()).bufferIndex(index);
        }
        sqe.off(position).addr(address).len(buffer.readableBytes());
    }

    @Override
    void submit() {
        if (buffer.isReadable() || !file.isOpen()) {
            super.submit();
        } else {
            succeed(buffer);
        }
    }

    @Override
    void done(int result) {
        position += result;
        buffer.skipBytes(result);
        if (!buffer.isReadable()) {
            succeed(buffer);
        } else if (result == 0) {
            fail(error(-Errno.EIO)); // for ever, perhaps
        } else {
            startRest();
        }
    }

    @Override
    String call() {
        return "write";
    }

    @Override
    void release() {
        buffer.release();
    }
}
