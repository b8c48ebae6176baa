// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.buffer.ReceiveMemory;
import dev.nettyuring.ring.PatientSetup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * A loop's groups of receive buffers. There is one where messages share a buffer, or where the user said how large it is.
 * Else each message takes a whole buffer, and no one size is good for all: the first group then has small buffers, for
 * messages, and the second large ones, for channels that {@linkplain GroupChoice get bulk}; it lends nothing before one does.
 *
 * <p>Datagrams have groups of their own, made when a channel first needs one: each datagram takes a whole buffer, since what
 * does not fit into the rest of one would be cut off. Loop thread only, but for {@link #sum}.
 */
final class BufferGroups {
    private final UringConfig config;
    private final Runnable wakeLoop;
    private final List<BufferSupply> supplies = new CopyOnWriteArrayList<>();
    /** Those that are refilled every turn. */
    private final List<BufferSupply> inUse = new ArrayList<>();

    private final BufferSupply messages;
    /** {@code null} if there is one group for all. */
    private final BufferSupply bulk;
    /** For datagrams that need no more than {@link ReceiveSizes#SMALL_DATAGRAM_BUFFER} bytes; {@code null} before the first. */
    private BufferSupply smallDatagrams;
    /** For all others. */
    private BufferSupply datagrams;

    private int ringFd;

    /** @throws IOException if there is no memory for the kernel's rings of buffers */
    BufferGroups(UringConfig config, boolean incremental, Runnable wakeLoop) throws IOException {
        this.config = config;
        this.wakeLoop = wakeLoop;
        try {
            for (ReceiveMemory memory : ReceiveSizes.of(config, incremental)) {
                add(memory);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        messages = supplies.get(0);
        bulk = supplies.size() > 1 ? supplies.get(1) : null;
        inUse.add(messages);
    }

    private BufferSupply add(ReceiveMemory memory) throws IOException {
        ProvidedBuffers buffers = new ProvidedBuffers(supplies.size(), memory, wakeLoop);
        BufferSupply supply = new BufferSupply(buffers, config.exhaustion());
        supplies.add(supply);
        return supply;
    }

    /**
     * Makes the groups known to the kernel.
     *
     * @throws IOException if there is no memory for that, or too little may be locked (RLIMIT_MEMLOCK)
     */
    void register(int ringFd) throws IOException {
        this.ringFd = ringFd;
        for (BufferSupply supply : supplies) {
            PatientSetup.retried(() -> {
                supply.buffers().register(ringFd);
                return supply;
            });
        }
    }

    /** By the loop's thread, before its first turn. */
    void begin() {
        for (BufferSupply supply : supplies) {
            supply.buffers().ownedBy(Thread.currentThread());
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
        return inUse.contains(bulk) || begin(bulk) ? bulk : null;
    }

    /** Whether there is a buffer to lend, if only one that will come back: then it is refilled from now on. */
    private boolean begin(BufferSupply supply) {
        supply.buffers().refill();
        return supply.buffers().ready() > 0 && inUse.add(supply);
    }

    /**
     * Buffers of at least so many bytes for datagrams, each of which takes a whole one; {@code null} while there is no memory
     * for a single one.
     */
    BufferSupply datagrams(int bytes) {
        if (bytes > ReceiveSizes.SMALL_DATAGRAM_BUFFER) {
            datagrams = datagrams != null ? datagrams : newDatagrams(false);
            return datagrams;
        }
        if (areTwo()) {
            return messages;
        }
        smallDatagrams = smallDatagrams != null ? smallDatagrams : newDatagrams(true);
        return smallDatagrams;
    }

    private BufferSupply newDatagrams(boolean small) {
        BufferSupply supply;
        try {
            supply = add(ReceiveSizes.ofDatagrams(config, small));
        } catch (IOException noMemory) {
            return null;
        }
        try {
            supply.buffers().ownedBy(Thread.currentThread());
            supply.buffers().register(ringFd);
            if (begin(supply)) {
                return supply;
            }
        } catch (IOException noMemory) {
            // as without buffers
        }
        supplies.remove(supply);
        supply.buffers().close();
        return null;
    }

    /** Once a turn. */
    void provide() {
        for (int i = 0; i < inUse.size(); i++) {
            inUse.get(i).provide();
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
        for (int i = 0; i < inUse.size(); i++) {
            if (inUse.get(i).canFeedStarved()) {
                return true;
            }
        }
        return false;
    }

    /** How long the loop may sleep: not until something happens, negative, while trying again can bring memory. */
    long limitSleep(long timeoutNanos) {
        long limited = timeoutNanos;
        for (int i = 0; i < inUse.size(); i++) {
            limited = inUse.get(i).limitSleep(limited);
        }
        return limited;
    }

    /** Something of all groups together. Any thread. */
    long sum(ToLongFunction<ProvidedBuffers> figure) {
        long sum = 0;
        for (BufferSupply supply : supplies) {
            sum += figure.applyAsLong(supply.buffers());
        }
        return sum;
    }

    /** The ring is closed: the kernel has no groups any more, and the descriptor may be another file's. */
    void ringClosed() {
        for (BufferSupply supply : supplies) {
            supply.buffers().ringClosed();
        }
    }

    /** Takes the groups from the kernel. No receive may be in flight. */
    void close() {
        for (BufferSupply supply : supplies) {
            supply.buffers().close();
        }
    }
}
