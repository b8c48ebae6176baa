// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationTableTest {
    private final OperationTable table = new OperationTable();

    @Test
    void aStaleCompletionReachesNobody() {
        Operation first = RecordedOperation.nop();
        long stale = table.add(first);
        assertThat(table.find(stale)).isSameAs(first);
        table.remove(stale);
        assertThat(table.find(stale)).isNull();

        Operation second = RecordedOperation.nop();
        long current = table.add(second);
        assertThat((int) current).as("the same slot").isEqualTo((int) stale);
        assertThat(table.find(stale)).isNull();
        assertThat(table.find(current)).isSameAs(second);
    }

    @Test
    void noUserDataIsGivenTwice() {
        Set<Long> given = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            long userData = table.add(RecordedOperation.nop());
            assertThat(given.add(userData)).isTrue();
            assertThat(userData).isGreaterThanOrEqualTo(OperationTable.FIRST_USER_DATA);
            table.remove(userData);
        }
    }

    @Test
    void growsAndKeepsEveryOperation() {
        List<Operation> operations = new ArrayList<>();
        List<Long> userData = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            operations.add(RecordedOperation.nop());
            userData.add(table.add(operations.get(i)));
        }
        assertThat(table.size()).isEqualTo(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(table.find(userData.get(i))).isSameAs(operations.get(i));
        }
        List<Operation> seen = new ArrayList<>();
        table.forEach(seen::add);
        assertThat(seen).isEqualTo(operations);
        userData.forEach(table::remove);
        assertThat(table.size()).isZero();
        table.forEach(operation -> {
            throw new AssertionError(operation + " is not in flight");
        });
    }

    @Test
    void userDataThatNobodyGaveFindsNothing() {
        table.add(RecordedOperation.nop());
        for (long userData : new long[] {0, 1, -1, 1L << 32 | 1, 1L << 32 | 0x8000_0000L, 2L << 32, Long.MIN_VALUE}) {
            assertThat(table.find(userData)).as(Long.toHexString(userData)).isNull();
        }
    }

    @Test
    void removingTwiceIsABug() {
        long userData = table.add(RecordedOperation.nop());
        table.remove(userData);
        assertThatThrownBy(() -> table.remove(userData))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not in flight");
    }
}
