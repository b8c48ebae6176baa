// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How the ring's thread names the ring when it enters it: by the fd, or by an index that the kernel finds without looking up
 * a file (IORING_REGISTER_RING_FDS). Such an index is the thread's own.
 */
final class EnterFd {
    /** Offset of {@code struct io_uring_rsrc_update.data}; its size. The first field is the index. */
    private static final int RSRC_UPDATE_DATA = 8;

    private static final int RSRC_UPDATE_SIZE = 16;
    private static final int ANY_INDEX = -1;

    private final int ringFd;
    private int number;
    private int flags = Abi.IORING_ENTER_GETEVENTS | Abi.IORING_ENTER_EXT_ARG;

    EnterFd(int ringFd, boolean noIowait) {
        this.ringFd = ringFd;
        number = ringFd;
        if (noIowait) {
            flags |= Abi.IORING_ENTER_NO_IOWAIT;
        }
    }

    int number() {
        return number;
    }

    /** IORING_ENTER_* that say what sort of number it is, with those of every call. */
    int flags() {
        return flags;
    }

    boolean isRegistered() {
        return (flags & Abi.IORING_ENTER_REGISTERED_RING) != 0;
    }

    boolean waitsWithoutIowait() {
        return (flags & Abi.IORING_ENTER_NO_IOWAIT) != 0;
    }

    void register() throws IOException {
        try (MappedMemory update = MappedMemory.anonymous(RSRC_UPDATE_SIZE, true)) {
            update.buffer().putInt(0, ANY_INDEX).putLong(RSRC_UPDATE_DATA, ringFd);
            if (Native.ioUringRegister(ringFd, Abi.IORING_REGISTER_RING_FDS, update.address(), 1) == 1) {
                number = update.buffer().getInt(0);
                flags |= Abi.IORING_ENTER_REGISTERED_RING;
            } // else the thread has its 16 already: the plain fd works as well
        }
    }

    /** The ring is about to be closed, which the index would not let it be. Uses some memory meanwhile. */
    void unregister(MappedMemory memory) {
        ByteBuffer update = memory.buffer();
        update.putInt(0, number).putInt(Integer.BYTES, 0).putLong(RSRC_UPDATE_DATA, 0);
        Native.ioUringRegister(ringFd, Abi.IORING_UNREGISTER_RING_FDS, memory.address(), 1);
    }
}
