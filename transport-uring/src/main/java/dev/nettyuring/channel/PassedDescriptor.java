// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;

/**
 * A file descriptor on its way to the peer. It is a duplicate: the user may close his as soon as {@code write()} has taken it,
 * and the number may be another file's by the time that the kernel sends.
 */
final class PassedDescriptor extends AbstractReferenceCounted {
    private final int fd;

    private PassedDescriptor(int fd) {
        this.fd = fd;
    }

    /**
     * Duplicates a descriptor.
     *
     * @throws IOException if it is not open, or the process has too many
     */
    static PassedDescriptor of(FileDescriptor descriptor) throws IOException {
        if (!descriptor.isOpen()) {
            throw new IOException("the file descriptor to be passed is closed: " + descriptor);
        }
        int fd = Native.fcntl(descriptor.intValue(), SocketAbi.F_DUPFD_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.newIOException("duplicating " + descriptor + ", which is to be passed", fd);
        }
        return new PassedDescriptor(fd);
    }

    int fd() {
        return fd;
    }

    @Override
    public PassedDescriptor touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        Native.close(fd);
    }
}
