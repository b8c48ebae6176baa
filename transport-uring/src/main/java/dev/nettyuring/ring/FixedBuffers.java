// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.buffer.Slab;
import dev.nettyuring.jfr.FlightEvents;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A ring's table of registered buffers: slabs, each at its {@linkplain Slab#index() index}. A slab is registered when
 * something in it is first to be sent from registered memory, so that who never does that needs no locked memory. Where the
 * kernel lets one ring take over what another has registered (IORING_REGISTER_CLONE_BUFFERS), all rings do so from the
 * {@link Depot}, and a slab's pages are locked, and charged to RLIMIT_MEMLOCK, once. The ring's thread only.
 */
public final class FixedBuffers implements AutoCloseable {
    /** What {@link #indexOf} gives for memory that is not registered. */
    public static final int NONE = -1;

    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(FixedBuffers.class);
    /** Slabs beyond are not registered: of 1 MiB each, a GiB. */
    private static final int TABLE_ENTRIES = 1024;

    private static final int BYTES_A_KIB = 1024;
    private static final AtomicBoolean REFUSAL_TOLD = new AtomicBoolean();

    private final int ringFd;
    private final boolean clones;
    private final boolean sendsSeveral;
    private final Slab[] registered = new Slab[TABLE_ENTRIES];
    private final AtomicLong registeredBytes = new AtomicLong();
    private boolean hasTable;
    private boolean usesDepot;
    /** Nothing can be registered. */
    private boolean unavailable;
    /** No more can be, until some slab is closed. */
    private boolean full;
    /** Of slabs, when those in the table were last looked through. */
    private int closuresSeen;

    /**
     * Registers nothing yet.
     *
     * @param features of the kernel; without {@link Feature#FIXED_BUFFERS} nothing ever is registered
     */
    public FixedBuffers(Ring ring, Set<Feature> features) {
        ringFd = ring.fd();
        sendsSeveral = features.contains(Feature.FIXED_SENDMSG);
        clones = features.contains(Feature.CLONE_BUFFERS);
        unavailable = !features.contains(Feature.FIXED_BUFFERS);
    }

    /** The index by which the kernel knows the memory, which is registered now if it was not; or {@link #NONE}. */
    public int indexOf(long address, long length) {
        Slab slab = unavailable ? null : Slab.at(address);
        if (slab == null || slab.index() >= TABLE_ENTRIES || address + length > slab.address() + slab.length()) {
            return NONE;
        }
        if (closuresSeen != Slab.closures()) {
            slabsWereClosed();
        }
        int index = slab.index();
        return registered[index] == slab || (!full && register(slab)) ? index : NONE;
    }

    /** There may be room for others. */
    private void slabsWereClosed() {
        int closures = Slab.closures();
        try {
            forgetClosed();
        } catch (IOException outOfMemory) {
            full = true; // those that are left stay in their places, and locked, until the next send
            return;
        }
        closuresSeen = closures;
        full = false;
    }

    /** The index by which the kernel knows the memory, or {@link #NONE}: nothing is registered for it. */
    public int indexOfRegistered(long address, long length) {
        Slab slab = registeredBytes.getPlain() == 0 ? null : Slab.at(address);
        if (slab == null || slab.index() >= TABLE_ENTRIES || address + length > slab.address() + slab.length()) {
            return NONE;
        }
        return registered[slab.index()] == slab ? slab.index() : NONE;
    }

    /**
     * The index by which the kernel knows the memory of all pieces of one send; {@link #NONE} if they lie in several slabs,
     * or are several and the kernel is without {@link Feature#FIXED_SENDMSG}.
     */
    public int indexOf(long[] addresses, int[] lengths, int count) {
        int index = count == 1 || sendsSeveral ? indexOf(addresses[0], lengths[0]) : NONE;
        for (int i = 1; i < count && index != NONE; i++) {
            index = indexOf(addresses[i], lengths[i]) == index ? index : NONE;
        }
        return index;
    }

    private boolean register(Slab slab) {
        try {
            int result = prepare();
            if (result >= 0) {
                result = clones
                        ? Depot.register(slab, ringFd)
                        : update(ringFd, slab.index(), slab.address(), slab.length());
            }
            if (result < 0) {
                refused(
                        slab,
                        Errno.message("Registering " + slab.length() / BYTES_A_KIB + " KiB of send memory", result));
                return false;
            }
            registered[slab.index()] = slab;
            registeredBytes.addAndGet(slab.length());
            return true;
        } catch (IOException e) {
            refused(slab, e.getMessage());
            return false;
        }
    }

    private int prepare() throws IOException {
        if (hasTable) {
            return 0;
        }
        if (clones) {
            Depot.join();
            usesDepot = true;
        }
        int result = registerTable(ringFd, TABLE_ENTRIES);
        hasTable = result >= 0;
        return result;
    }

    /** Pages of slabs that are unmapped stay locked as long as the table names them. */
    private void forgetClosed() throws IOException {
        for (int index = 0; index < registered.length; index++) {
            Slab slab = registered[index];
            if (slab != null && slab.isClosed()) {
                update(ringFd, index, 0, 0);
                registered[index] = null;
                registeredBytes.addAndGet(-slab.length());
            }
        }
    }

    /** A table without entries; the call's result. */
    static int registerTable(int ringFd, int entries) throws IOException {
        try (MappedMemory argument = MappedMemory.anonymous(Abi.RSRC_REGISTER_SIZE, true)) {
            argument.buffer()
                    .putInt(Abi.RSRC_REGISTER_NR, entries)
                    .putInt(Abi.RSRC_REGISTER_FLAGS, Abi.IORING_RSRC_REGISTER_SPARSE);
            return Native.ioUringRegister(
                    ringFd, Abi.IORING_REGISTER_BUFFERS2, argument.address(), Abi.RSRC_REGISTER_SIZE);
        }
    }

    /** Enters memory into a table, or, with address and length 0, takes it out; the call's result. */
    static int update(int ringFd, int index, long address, long length) throws IOException {
        int iovec = Abi.RSRC_UPDATE2_SIZE;
        try (MappedMemory argument = MappedMemory.anonymous(iovec + SocketAbi.IOVEC_SIZE, true)) {
            argument.buffer()
                    .putInt(Abi.RSRC_UPDATE2_OFFSET, index)
                    .putLong(Abi.RSRC_UPDATE2_DATA, argument.address() + iovec)
                    .putInt(Abi.RSRC_UPDATE2_NR, 1)
                    .putLong(iovec + SocketAbi.IOVEC_BASE, address)
                    .putLong(iovec + SocketAbi.IOVEC_LEN, length);
            return Native.ioUringRegister(
                    ringFd, Abi.IORING_REGISTER_BUFFERS_UPDATE, argument.address(), Abi.RSRC_UPDATE2_SIZE);
        }
    }

    /** Takes one entry over from another ring's table; the call's result. */
    static int cloneFrom(int otherFd, int ringFd, int index) throws IOException {
        try (MappedMemory argument = MappedMemory.anonymous(Abi.CLONE_BUFFERS_SIZE, true)) {
            argument.buffer()
                    .putInt(Abi.CLONE_BUFFERS_SRC_FD, otherFd)
                    .putInt(Abi.CLONE_BUFFERS_FLAGS, Abi.IORING_REGISTER_DST_REPLACE)
                    .putInt(Abi.CLONE_BUFFERS_SRC_OFF, index)
                    .putInt(Abi.CLONE_BUFFERS_DST_OFF, index)
                    .putInt(Abi.CLONE_BUFFERS_NR, 1);
            return Native.ioUringRegister(ringFd, Abi.IORING_REGISTER_CLONE_BUFFERS, argument.address(), 1);
        }
    }

    private void refused(Slab slab, String why) {
        full = true;
        unavailable = !hasTable;
        FlightEvents.registrationRefused(why, slab.length(), registeredBytes.get());
        if (!REFUSAL_TOLD.getAndSet(true)) {
            LOGGER.warn(
                    "{}; zero-copy sends go on from memory that is not registered. {} KiB are registered already; if it is"
                            + " RLIMIT_MEMLOCK that forbids it, allow {} KiB more: ulimit -l, or LimitMEMLOCK= in systemd",
                    why,
                    registeredBytes.get() / BYTES_A_KIB,
                    slab.length() / BYTES_A_KIB);
        }
    }

    /** How many bytes the ring's table names. Any thread. */
    public long registeredBytes() {
        return registeredBytes.get();
    }

    /** How many bytes all rings that share what they register have locked between them. Any thread. */
    public static long sharedBytes() {
        return Depot.bytes();
    }

    /** The ring is about to be closed, which gives the memory up. */
    @Override
    public void close() {
        unavailable = true;
        if (usesDepot) {
            usesDepot = false;
            Depot.leave();
        }
    }

    /**
     * A ring that does nothing but hold registered buffers for others to clone: it is never enabled, and so, unlike a ring
     * that has a thread, lets every thread do that. There is one while any ring uses it. All methods under its lock.
     */
    private static final class Depot {
        private static final int SQ_ENTRIES = 1;
        private static final int CQ_ENTRIES = 2;
        private static final Consumer<Slab> REMOVE = Depot::remove;

        private static Ring ring;
        private static int users;
        private static Slab[] slabs;
        private static long bytes;

        private Depot() {}

        static synchronized void join() throws IOException {
            if (users == 0) {
                Ring opened = Ring.open(SQ_ENTRIES, CQ_ENTRIES, EnumSet.noneOf(Feature.class));
                try {
                    int result = registerTable(opened.fd(), TABLE_ENTRIES);
                    if (result < 0) {
                        throw Errno.newIOException("io_uring_register(IORING_REGISTER_BUFFERS2)", result);
                    }
                } catch (IOException e) {
                    opened.close();
                    throw e;
                }
                ring = opened;
                slabs = new Slab[TABLE_ENTRIES];
            }
            users++;
        }

        static synchronized void leave() {
            if (--users == 0) {
                ring.close();
                ring = null;
                bytes = 0;
            }
        }

        /** Registers the slab, if it is not yet, and clones it to a ring; the calls' result. */
        static synchronized int register(Slab slab, int ringFd) throws IOException {
            removeClosed();
            int index = slab.index();
            if (slabs[index] != slab) {
                int result = update(ring.fd(), index, slab.address(), slab.length());
                if (result < 0) {
                    return result;
                }
                bytes += slab.length() - (slabs[index] == null ? 0 : slabs[index].length()); // not removed, once more
                slabs[index] = slab;
                slab.onClose(REMOVE);
            }
            return cloneFrom(ring.fd(), ringFd, index);
        }

        /** Those for which there was no memory when they were. */
        private static void removeClosed() {
            for (Slab slab : slabs) {
                if (slab != null && slab.isClosed()) {
                    remove(slab);
                }
            }
        }

        private static synchronized void remove(Slab slab) {
            if (users > 0 && slabs[slab.index()] == slab) {
                try {
                    update(ring.fd(), slab.index(), 0, 0);
                } catch (IOException outOfMemory) {
                    return; // it stays locked, and counted, until the next slab is registered
                }
                slabs[slab.index()] = null;
                bytes -= slab.length();
            }
        }

        static synchronized long bytes() {
            return bytes;
        }
    }
}
