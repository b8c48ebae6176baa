// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import java.util.List;

/**
 * Who takes what a stream brings, instead of its pipeline: a read into a buffer of the user's, or splices. Most channels never
 * have any. Loop thread only.
 */
final class Diversions {
    private final BufferRead bufferRead;
    private final SpliceSource splices;

    Diversions(UringStreamChannel channel, StreamReceiver receiver) {
        bufferRead = new BufferRead(channel, receiver);
        splices = new SpliceSource(channel, receiver);
    }

    BufferRead bufferRead() {
        return bufferRead;
    }

    SpliceSource splices() {
        return splices;
    }

    /** Why bytes cannot go past the pipeline yet. */
    static IllegalStateException descriptorsFirst() {
        return new IllegalStateException("file descriptors are being read, or were and are not taken yet: call"
                + " config().setReadMode(DomainSocketReadMode.BYTES) first, and read()");
    }

    boolean isPending() {
        return bufferRead.isPending() || splices.isPending();
    }

    void proceed() {
        if (bufferRead.isPending()) {
            bufferRead.proceed();
        }
        splices.proceed();
    }

    /** Adds those operations that there may be; some may be {@code null}. */
    void addOperations(List<Operation> operations) {
        operations.add(bufferRead);
        operations.add(splices);
        operations.add(splices.sinkOperation());
    }

    void close() {
        bufferRead.close();
        splices.close();
    }
}
