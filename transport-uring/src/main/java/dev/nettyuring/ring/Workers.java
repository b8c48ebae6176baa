// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import java.io.IOException;

/** The kernel's threads (io-wq) that wait, in a thread's stead, for files and whatever else cannot be polled. */
public final class Workers {
    /** For disks and the like, whose operations end; and for all else. */
    private static final int KINDS = 2;

    private Workers() {}

    /**
     * Bounds their number, of each kind, by the thread that has enabled the ring. For rings that other threads have enabled
     * it changes nothing.
     *
     * @throws IOException if the kernel refuses
     */
    public static void limit(Ring ring, int workers) throws IOException {
        try (MappedMemory limits = MappedMemory.anonymous(KINDS * Integer.BYTES, true)) {
            limits.buffer().putInt(0, workers).putInt(Integer.BYTES, workers);
            int result =
                    Native.ioUringRegister(ring.fd(), Abi.IORING_REGISTER_IOWQ_MAX_WORKERS, limits.address(), KINDS);
            if (result < 0) {
                throw Errno.newIOException("io_uring_register(IORING_REGISTER_IOWQ_MAX_WORKERS)", result);
            }
        }
    }
}
