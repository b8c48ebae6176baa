// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.ring.Submission;

/** What is asked of a file beside reading and writing. Loop thread only. */
final class FileCall {
    private FileCall() {}

    /** FSYNC. */
    static final class Sync extends FileOperation<Void> {
        private final int flags;

        Sync(UringFile file, int flags) {
            super(file);
            this.flags = flags;
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_FSYNC, file.fd()).operationFlags(flags);
        }

        @Override
        void done(int result) {
            succeed(null);
        }

        @Override
        String call() {
            return "fsync";
        }

        @Override
        void release() {}
    }

    /** STATX. */
    static final class Stat extends FileOperation<FileStatus> {
        private NativeBlocks.Block block;

        Stat(UringFile file) {
            super(file);
        }

        @Override
        protected void encode(Submission sqe) {
            if (block == null) {
                block = file.handler().blocks().allocate(FileStatus.BLOCK_BYTES);
            }
            FileStatus.encode(sqe, file.fd(), block);
        }

        @Override
        void done(int result) {
            succeed(new FileStatus(block));
        }

        @Override
        String call() {
            return "statx";
        }

        @Override
        void release() {
            if (block != null) {
                block.free();
                block = null;
            }
        }
    }

    /** FTRUNCATE. */
    static final class Truncate extends FileOperation<Void> {
        private final long size;

        Truncate(UringFile file, long size) {
            super(file);
            this.size = size;
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_FTRUNCATE, file.fd()).off(size);
        }

        @Override
        void done(int result) {
            succeed(null);
        }

        @Override
        String call() {
            return "ftruncate";
        }

        @Override
        void release() {}
    }

    /** CLOSE, which happens whatever becomes of the ring, and once: afterwards the descriptor may be another file's. */
    static final class Close extends FileOperation<Void> {
        Close(UringFile file) {
            super(file);
            refuseToBeCancelled();
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_CLOSE, file.fd());
        }

        @Override
        void submit() {
            if (file.handler().ring().isRefused() || !file.submitEvenIfClosed(this)) {
                ended(Native.close(file.fd()));
            }
        }

        /** An interrupted one has closed it; one that was cancelled has not begun, unless nobody knows how far the ring came. */
        @Override
        boolean isToBeRepeated(int errno) {
            return errno == Errno.ECANCELED && !file.handler().ring().isRefused();
        }

        @Override
        void done(int result) {
            succeed(null);
        }

        @Override
        String call() {
            return "close";
        }

        @Override
        void release() {
            file.unregister();
        }
    }
}
