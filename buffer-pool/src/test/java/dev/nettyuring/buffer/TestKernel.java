// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Abi;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** The kernel's side of a provided-buffer ring: it sees what the tail publishes, and fills the first buffer. */
final class TestKernel {
    private final ByteBuffer ring;
    private final int entries;
    /** What is published and not used up, in order. */
    private final Deque<Entry> ready = new ArrayDeque<>();

    private short tail;

    TestKernel(ByteBuffer ring) {
        this.ring = ring;
        entries = ring.capacity() / Abi.BUF_SIZE;
    }

    /** A buffer in the ring. The kernel moves its start when it fills it piece by piece. */
    static final class Entry {
        final int id;
        private final int at;
        private long address;
        private int left;

        private Entry(int id, int at, long address, int left) {
            this.id = id;
            this.at = at;
            this.address = address;
            this.left = left;
        }

        /** Where the next bytes go. */
        long address() {
            return address;
        }

        int left() {
            return left;
        }
    }

    int entries() {
        return entries;
    }

    boolean hasPublished() {
        return tail != publishedTail();
    }

    private short publishedTail() {
        return ring.getShort(Abi.BUF_RESV);
    }

    /** Takes notice of the next entry before the tail. */
    Entry accept() {
        int at = (tail & entries - 1) * Abi.BUF_SIZE;
        tail++;
        Entry entry = new Entry(
                ring.getShort(at + Abi.BUF_BID) & 0xffff,
                at,
                ring.getLong(at + Abi.BUF_ADDR),
                ring.getInt(at + Abi.BUF_LEN));
        ready.addLast(entry);
        return entry;
    }

    int ready() {
        return ready.size();
    }

    /** The buffer that the next bytes go to. */
    Entry first() {
        return ready.getFirst();
    }

    /** Writes to the first buffer; as the real one does, it writes to the ring as well where it stands now. */
    void write(byte[] bytes) {
        Entry entry = first();
        assertThat(bytes.length).isLessThanOrEqualTo(entry.left);
        RawMemory.at(entry.address, bytes.length).put(bytes);
        entry.address += bytes.length;
        entry.left -= bytes.length;
        ring.putLong(entry.at + Abi.BUF_ADDR, entry.address);
        ring.putInt(entry.at + Abi.BUF_LEN, entry.left);
    }

    /** Is done with the first buffer. */
    void finish() {
        ready.removeFirst();
    }

    /** What was published stays as it is until it is used up. */
    void checkRing() {
        assertThat(tail).as("tail").isEqualTo(publishedTail());
        assertThat(ready.size()).as("entries in use").isLessThanOrEqualTo(entries);
        for (Entry entry : ready) {
            if (ring.getShort(entry.at + Abi.BUF_BID) != (short) entry.id
                    || ring.getLong(entry.at + Abi.BUF_ADDR) != entry.address
                    || ring.getInt(entry.at + Abi.BUF_LEN) != entry.left) {
                throw new AssertionError("the entry of buffer " + entry.id + " was overwritten");
            }
        }
    }
}
