// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ReceiveMemory;
import java.util.List;

/** How many receive buffers of which sizes an event loop has, where its {@link UringConfig} does not say it. */
final class ReceiveSizes {
    private static final int DEFAULT_INCREMENTAL_BUFFER_SIZE = 512 << 10;
    /** For bulk alone. Of 64 KiB, 16 at rest took half as much CPU time again to relay large bodies. */
    private static final int BULK_BUFFER_SIZE = 512 << 10;
    /** With a limit that leaves less room than for these, those for bulk are smaller. */
    private static final int MIN_BULK_BUFFERS = 8;

    private static final int MIN_BULK_BUFFER_SIZE = 64 << 10;
    private static final int DEFAULT_WHOLE_BUFFER_SIZE = 16 << 10;
    private static final int DEFAULT_RESTING_BYTES = 1 << 20;
    /** For messages alone: 128 of them, since each takes a buffer, and running out of them is dearer than these 512 KiB. */
    private static final int MESSAGES_RESTING_BYTES = 512 << 10;

    /** Where each message takes a buffer, a ring that is found empty is too short. */
    private static final int GROWTH = 4;
    /** Where messages share them, or the bytes are many, it has brought as much as stays in the processor's cache. */
    private static final int NO_GROWTH = 1;

    /**
     * For the largest datagram there is, of 65,535 bytes, with its sender and what else the kernel tells of it; an odd number
     * of pages, so that small datagrams do not all lie in the same lines of the processor's cache.
     */
    static final int DATAGRAM_BUFFER = 68 << 10;
    /** For datagrams that fit into a packet of the usual kinds of networks. */
    static final int SMALL_DATAGRAM_BUFFER = GroupChoice.MESSAGE_BUFFER_SIZE;
    /** One to receive into while the other is looked at, however little memory there may be. */
    private static final int MIN_DATAGRAM_BUFFERS = 2;

    /** Buffer ids have 16 bits, and a provided-buffer ring has at most 32,768 entries. */
    private static final int MAX_BUFFERS_A_LOOP = 1 << 15;

    private ReceiveSizes() {}

    /** Of a loop's only group of buffers, or of two: for messages, and for bulk. */
    static List<ReceiveMemory> of(UringConfig config, boolean incremental) {
        if (incremental || config.receiveBufferSize() != 0 || config.receiveBuffers() != 0) {
            return List.of(only(config, incremental));
        }
        int bulk = bulkBufferSize(config);
        int ofCalls = bulk >= BulkReceive.MIN_BUFFER_SIZE ? bulk : 0; // one that is not in the ring
        return List.of(
                oneOfTwo(config, GroupChoice.MESSAGE_BUFFER_SIZE, MESSAGES_RESTING_BYTES, GROWTH),
                oneOfTwo(config, bulk, DEFAULT_RESTING_BYTES - ofCalls, NO_GROWTH));
    }

    private static ReceiveMemory only(UringConfig config, boolean incremental) {
        int bufferSize = config.receiveBufferSize();
        if (bufferSize == 0) {
            bufferSize = incremental ? DEFAULT_INCREMENTAL_BUFFER_SIZE : DEFAULT_WHOLE_BUFFER_SIZE;
        }
        long limit = config.receiveMemoryLimit();
        long depth = config.receiveBuffers() != 0
                ? config.receiveBuffers()
                : Math.max(1, Math.min(DEFAULT_RESTING_BYTES, limit) / bufferSize);
        return group(config, bufferSize, depth, incremental ? NO_GROWTH : GROWTH, limit, incremental);
    }

    /** One of two groups, which have half of the limit each. */
    private static ReceiveMemory oneOfTwo(UringConfig config, int bufferSize, int restingBytes, int growth) {
        long limit = config.receiveMemoryLimit() / 2;
        return group(config, bufferSize, Math.min(restingBytes, limit) / bufferSize, growth, limit, false);
    }

    private static int bulkBufferSize(UringConfig config) {
        long limit = config.receiveMemoryLimit() / 2;
        int size = BULK_BUFFER_SIZE;
        while (size > MIN_BULK_BUFFER_SIZE && limit / size < MIN_BULK_BUFFERS) {
            size >>= 1;
        }
        return size;
    }

    /** Of a group of buffers that take a datagram each. */
    static ReceiveMemory ofDatagrams(UringConfig config, boolean small) {
        int bufferSize = small ? SMALL_DATAGRAM_BUFFER : DATAGRAM_BUFFER;
        long limit = Math.max(config.receiveMemoryLimit() / 2, (long) MIN_DATAGRAM_BUFFERS * bufferSize);
        long depth = Math.min(small ? MESSAGES_RESTING_BYTES : DEFAULT_RESTING_BYTES, limit) / bufferSize;
        int most = config.receiveBuffers();
        return group(config, bufferSize, most != 0 ? Math.min(depth, most) : depth, GROWTH, limit, false);
    }

    private static ReceiveMemory group(
            UringConfig config, int bufferSize, long depth, int growth, long limitBytes, boolean incremental) {
        int limit = (int) Math.min(MAX_BUFFERS_A_LOOP, limitBytes / bufferSize);
        int maxDepth = (int) Math.min(depth * growth, limit);
        return config.memory(bufferSize, (int) depth, maxDepth, limit, incremental);
    }
}
