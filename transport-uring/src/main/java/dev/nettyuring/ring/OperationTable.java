// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The operations in flight. Each is found by the {@code user_data} of its completions: a slot, and a generation that
 * changes whenever the slot is given to another operation, so that a late completion never reaches the wrong one.
 */
final class OperationTable {
    /** Below this no {@code user_data} is an operation's: a generation is positive. */
    static final long FIRST_USER_DATA = 1L << Integer.SIZE;

    private static final int INITIAL_SLOTS = 64;
    private static final int NONE = -1;

    private Operation[] operations = new Operation[INITIAL_SLOTS];
    private int[] generations = new int[INITIAL_SLOTS];
    private int[] nextFree = new int[INITIAL_SLOTS];
    private int firstFree = NONE;
    private int used;
    /** Written by the loop alone, so a plain read and an ordered store do. */
    private final AtomicInteger size = new AtomicInteger();

    /** Gives the operation a slot; returns its {@code user_data}. */
    long add(Operation operation) {
        int slot = firstFree;
        if (slot != NONE) {
            firstFree = nextFree[slot];
        } else {
            if (used == operations.length) {
                grow();
            }
            slot = used++;
            generations[slot] = 1;
        }
        operations[slot] = operation;
        size.lazySet(size.getPlain() + 1);
        return ((long) generations[slot] << Integer.SIZE) | slot;
    }

    private void grow() {
        int capacity = operations.length * 2;
        operations = Arrays.copyOf(operations, capacity);
        generations = Arrays.copyOf(generations, capacity);
        nextFree = Arrays.copyOf(nextFree, capacity);
    }

    /** The operation in flight under that {@code user_data}, or {@code null} if it is over. */
    Operation find(long userData) {
        int slot = (int) userData;
        if (slot < 0 || slot >= used || generations[slot] != (int) (userData >>> Integer.SIZE)) {
            return null;
        }
        return operations[slot];
    }

    /** Frees the slot; the {@code user_data} is nobody's from now on. */
    void remove(long userData) {
        int slot = (int) userData;
        assert find(userData) != null : "operation " + Long.toHexString(userData) + " is not in flight";
        operations[slot] = null;
        generations[slot] = generations[slot] == Integer.MAX_VALUE ? 1 : generations[slot] + 1;
        nextFree[slot] = firstFree;
        firstFree = slot;
        size.lazySet(size.getPlain() - 1);
    }

    /** How many operations are in flight. Any thread. */
    int size() {
        return size.get();
    }

    int count(Predicate<Operation> which) {
        int count = 0;
        for (int slot = 0; slot < used; slot++) {
            if (operations[slot] != null && which.test(operations[slot])) {
                count++;
            }
        }
        return count;
    }

    /** The action may remove the operation that it is given. */
    void forEach(Consumer<Operation> action) {
        for (int slot = 0; slot < used; slot++) {
            if (operations[slot] != null) {
                action.accept(operations[slot]);
            }
        }
    }
}
