// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Errno;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Which faults there are with a seed, and how many. */
final class FaultPlan {
    /** What can be other than usual, each with a probability that the seed chooses. */
    enum Kind {
        /** An operation fails in a way that the connection outlives, such as EINTR or ENOBUFS; nothing has happened. */
        SOFT_ERROR(0, 0.01, 0.1),
        /** An operation fails in a way that ends a connection. */
        HARD_ERROR(0, 0.001, 0.01),
        /** A completion comes later, behind others. */
        DELAY(0, 0.1, 0.5),
        /** Fewer bytes are read or written than asked for. */
        SHORT(0, 0.1, 0.5),
        /** A multishot request ends with a completion as good as any. */
        MULTISHOT_END(0, 0.05, 0.3),
        /** A cancellation does not find its operation, or not in a state to be cancelled. */
        CANCELLATION(0, 0.3),
        /** io_uring_enter(2) does nothing, or takes a part of what is submitted only. */
        ENTER(0, 0.02, 0.2),
        /** mmap(2) and madvise(2) find no memory. */
        ALLOCATION(0, 0, 0.2),
        /** io_uring_register(2) finds none. */
        REGISTRATION(0, 0, 0.3),
        /** Other system calls fail. */
        CALL(0, 0.05, 0.2);

        private final double[] rates;

        Kind(double... rates) {
            this.rates = rates;
        }
    }

    /** None at all. */
    static final FaultPlan NONE = new FaultPlan();

    private static final int[] NOTHING = {};

    private final Map<Kind, Double> rates = new EnumMap<>(Kind.class);
    private final AtomicIntegerArray injected = new AtomicIntegerArray(Kind.values().length);
    private final AtomicInteger rings = new AtomicInteger();
    private final long seed;
    /** For what is not a ring's. */
    private final Random random;

    private volatile boolean armed;
    private volatile boolean spins;
    private volatile boolean closedTwice;

    private FaultPlan() {
        seed = 0;
        random = new Random(0);
    }

    FaultPlan(long seed) {
        this.seed = seed;
        random = new Random(seed);
        for (Kind kind : Kind.values()) {
            rates.put(kind, kind.rates[random.nextInt(kind.rates.length)]);
        }
    }

    /** Whether there are faults from now on. Loops are set up without any. */
    void arm(boolean armed) {
        this.armed = armed;
    }

    /** The random numbers of the next ring that is opened. */
    Random ofNextRing() {
        return new Random(seed * 31 + rings.incrementAndGet());
    }

    boolean fails(Kind kind) {
        return fails(kind, random);
    }

    boolean fails(Kind kind, Random random) {
        if (!armed || random.nextDouble() >= rates.get(kind)) {
            return false;
        }
        injected.incrementAndGet(kind.ordinal());
        return true;
    }

    int pick(int... errnos) {
        return errnos[random.nextInt(errnos.length)];
    }

    long shortened(long length) {
        return length > 1 && fails(Kind.SHORT) ? 1 + (long) (random.nextDouble() * (length - 1)) : length;
    }

    /** An errno that this operation fails with, or 0. */
    int error(int opcode, boolean selectsBuffer, Random random) {
        OperationErrors errors = OperationErrors.of(opcode);
        if (fails(Kind.SOFT_ERROR, random)) {
            int[] soft = errors == null ? NOTHING : errors.soft;
            if (selectsBuffer) {
                soft = Arrays.copyOf(soft, soft.length + 1);
                soft[soft.length - 1] = Errno.ENOBUFS;
            }
            return soft.length == 0 ? 0 : soft[random.nextInt(soft.length)];
        }
        if (errors != null && fails(Kind.HARD_ERROR, random)) {
            return errors.hard[random.nextInt(errors.hard.length)];
        }
        return 0;
    }

    /** Whether there was a fault that a connection may fail of. */
    boolean mayEndConnections() {
        return count(Kind.HARD_ERROR) + count(Kind.ALLOCATION) + count(Kind.REGISTRATION) + count(Kind.CALL) > 0;
    }

    /** A loop calls the kernel all the time, and there is nothing to do. */
    void spins() {
        spins = true;
    }

    boolean isSpinning() {
        return spins;
    }

    /** The kernel was asked to close what was closed already, and might have been another file by then. */
    void closedTwice() {
        closedTwice = true;
    }

    boolean hasClosedTwice() {
        return closedTwice;
    }

    private int count(Kind kind) {
        return injected.get(kind.ordinal());
    }

    /** How often there was each. */
    String injected() {
        StringBuilder text = new StringBuilder();
        for (Kind kind : Kind.values()) {
            text.append(' ').append(kind).append(' ').append(injected.get(kind.ordinal()));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return "faults " + rates;
    }
}
