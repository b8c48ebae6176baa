// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.ring.Submission;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** OPENAT and, for direct access, a STATX that tells the alignment. Loop thread only. */
final class FileOpening extends FileOperation<UringFile> {
    private static final int MODE = 0666;
    private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final OpenFlags flags;
    private NativeBlocks.Block block;
    private boolean succeeded;

    FileOpening(UringFile file, OpenFlags flags) {
        super(file);
        this.flags = flags;
    }

    @Override
    protected void encode(Submission sqe) {
        if (file.fd() != UringFile.NO_FD) {
            FileStatus.encode(sqe, file.fd(), block);
            return;
        }
        sqe.operation(Abi.IORING_OP_OPENAT, FileAbi.AT_FDCWD)
                .addr(block.address())
                .len(MODE)
                .operationFlags(flags.bits());
    }

    @Override
    void submit() {
        if (block == null && !writePath()) {
            fail(error(-Errno.ENAMETOOLONG));
            return;
        }
        super.submit();
    }

    private boolean writePath() {
        byte[] name = file.path().toAbsolutePath().toString().getBytes(PATHS);
        if (name.length >= NativeBlocks.MAX_BLOCK) {
            return false;
        }
        block = file.handler().blocks().allocate(Math.max(name.length + 1, FileStatus.BLOCK_BYTES));
        block.buffer().put(0, name).put(name.length, (byte) 0);
        return true;
    }

    @Override
    void done(int result) {
        boolean opened = file.fd() == UringFile.NO_FD;
        if (opened && !file.opened(result)) {
            fail(new ClosedChannelException());
        } else if (opened && flags.isDirect()) {
            start();
        } else {
            if (flags.isDirect()) {
                file.alignment(FileStatus.directAlignment(block));
            }
            succeeded = true;
            succeed(file);
        }
    }

    @Override
    String call() {
        return file.fd() == UringFile.NO_FD ? "open" : "statx";
    }

    /** As the JDK's file system says it. */
    @Override
    IOException error(int result) {
        String path = file.path().toString();
        switch (-result) {
            case Errno.ENOENT:
                return new NoSuchFileException(path);
            case Errno.EACCES:
                return new AccessDeniedException(path);
            case Errno.EEXIST:
                return new FileAlreadyExistsException(path);
            case Errno.EINVAL:
                return new FileSystemException(
                        path,
                        null,
                        Errno.message(call(), result) + (flags.isDirect() ? ": no direct access here?" : ""));
            default:
                return new FileSystemException(path, null, Errno.message(call(), result));
        }
    }

    @Override
    void release() {
        if (block != null) {
            block.free();
            block = null;
        }
        if (!succeeded) {
            file.openingFailed();
        }
    }
}
