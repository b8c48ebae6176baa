// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** A file descriptor that a peer has passed; whoever gets it closes it. Closing needs no native library of Netty's. */
final class ReceivedDescriptor extends FileDescriptor {
    ReceivedDescriptor(int fd) {
        super(fd);
    }

    @Override
    public void close() throws IOException {
        if (markClosed()) {
            int result = Native.close(intValue());
            if (result < 0) {
                throw Errno.newIOException("close(" + intValue() + ')', result);
            }
        }
    }

    /** Nobody wants it. */
    void discard() {
        if (markClosed()) {
            Native.close(intValue());
        }
    }
}
