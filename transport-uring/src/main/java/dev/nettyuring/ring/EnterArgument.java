// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.MappedMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * The extended argument of io_uring_enter(2), {@code struct io_uring_getevents_arg}, with the timeout that it points to; and
 * how long IORING_OP_TIMEOUT waits.
 */
final class EnterArgument implements AutoCloseable {
    static final int SIZE = Abi.GETEVENTS_ARG_SIZE;

    private static final int TIMESPEC = SIZE;
    private static final int TIMESPEC_NANOS = TIMESPEC + Long.BYTES;
    private static final int TIMESPEC_SIZE = 2 * Long.BYTES;
    private static final int PAUSE = TIMESPEC + TIMESPEC_SIZE;
    private static final int PAUSE_NANOS = PAUSE + Long.BYTES;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MappedMemory memory;

    EnterArgument() throws IOException {
        memory = MappedMemory.anonymous(PAUSE + TIMESPEC_SIZE, true);
    }

    /** Where there is a time for IORING_OP_TIMEOUT, until the operation was handed over. Less than a second. */
    long pause(long nanos) {
        memory.buffer().putLong(PAUSE_NANOS, nanos);
        return memory.address() + PAUSE;
    }

    /** How long the call waits at most; negative: for ever. */
    void timeout(long nanos) {
        ByteBuffer buffer = memory.buffer();
        if (nanos < 0) {
            buffer.putLong(Abi.GETEVENTS_ARG_TS, 0);
        } else {
            buffer.putLong(TIMESPEC, nanos / NANOS_PER_SECOND);
            buffer.putLong(TIMESPEC_NANOS, nanos % NANOS_PER_SECOND);
            buffer.putLong(Abi.GETEVENTS_ARG_TS, memory.address() + TIMESPEC);
        }
    }

    long address() {
        return memory.address();
    }

    /** For something else, once no call follows. */
    MappedMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
