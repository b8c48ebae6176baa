// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.buffer.ReceiveMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A loop's groups of receive buffers. There is one where messages share a buffer, or where the user said how large it is.
 * Else each message takes a whole buffer, and no one size is good for all: the first group then has small buffers, for
 * messages, and the second large ones, for channels that {@linkplain GroupChoice get bulk}; it lends nothing before one does.
 * Loop thread only, but for {@link #sum}.
 */
final class BufferGroups {
    private final List<BufferSupply> supplies = new ArrayList<>();
    private final BufferSupply messages;
    /** {@code null} if there is one group for all. */
    private final BufferSupply bulk;

    private boolean bulkNeeded;

    /** @throws IOException if there is no memory for the kernel's rings of buffers */
    BufferGroups(UringConfig config, boolean incremental, Runnable wakeLoop) throws IOException {
        try {
            for (ReceiveMemory memory : config.receiveMemory(incremental)) {
                ProvidedBuffers buffers = new ProvidedBuffers(supplies.size(), memory, wakeLoop);
                supplies.add(new BufferSupply(buffers, config.exhaustion()));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        messages = supplies.get(0);
        bulk = supplies.size() > 1 ? supplies.get(1) : null;
    }

    /** Makes the groups known to the kernel. */
    void register(int ringFd) throws IOException {
        for (BufferSupply supply : supplies) {
            supply.buffers().register(ringFd);
        }
    }

    BufferSupply messages() {
        return messages;
    }

    /** Whether channels that get bulk have a group of their own. */
    boolean areTwo() {
        return bulk != null;
    }

    /** The buffers for bulk, if there are two groups; {@code null} while there is no memory for a single one. */
    BufferSupply bulk() {
        if (!bulkNeeded) {
            bulk.buffers().refill();
            // from then on it has some, if only such as will come back
            bulkNeeded = bulk.buffers().ready() > 0;
        }
        return bulkNeeded ? bulk : null;
    }

    /** Once a turn. */
    void provide() {
        messages.provide();
        if (bulkNeeded) {
            bulk.provide();
        }
    }

    /** The loop must not touch the receiver any more. */
    void forget(ReadLoop<?> receiver) {
        for (BufferSupply supply : supplies) {
            supply.forget(receiver);
        }
    }

    /** Whether {@link #provide} would wake somebody. */
    boolean canFeedStarved() {
        return messages.canFeedStarved() || (bulkNeeded && bulk.canFeedStarved());
    }

    /** How long the loop may sleep: not until something happens, negative, while only trying again can bring memory. */
    long limitSleep(long timeoutNanos) {
        long limited = messages.limitSleep(timeoutNanos);
        return bulkNeeded ? bulk.limitSleep(limited) : limited;
    }

    /** Something of all groups together. Any thread. */
    long sum(ToLongFunction<ProvidedBuffers> figure) {
        long sum = 0;
        for (BufferSupply supply : supplies) {
            sum += figure.applyAsLong(supply.buffers());
        }
        return sum;
    }

    /** Takes the groups from the kernel. No receive may be in flight. */
    void close() {
        for (BufferSupply supply : supplies) {
            supply.buffers().close();
        }
    }
}
