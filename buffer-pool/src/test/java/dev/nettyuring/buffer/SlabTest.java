// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlabTest {
    @ParameterizedTest
    @EnumSource
    void isMappedAlignedAndWritable(Slab.Prefault prefault) throws Exception {
        try (Slab slab = Slab.map(3 << 20, prefault, false)) {
            assertThat(slab.address() % Slab.GRANULE).isZero();
            for (int at = 0; at < slab.length(); at += 4096) {
                assertThat(slab.buffer().getLong(at)).isZero();
                slab.buffer().putLong(at, at);
            }
        }
    }

    @Test
    void hugePagesAreAligned() throws Exception {
        try (Slab slab = Slab.map(Slab.HUGE_PAGE, Slab.Prefault.UP_FRONT, true)) {
            assertThat(slab.address() % Slab.HUGE_PAGE).isZero();
        }
    }

    @Test
    void isFoundByEveryAddressInItAndByNoOther() throws Exception {
        Slab slab = Slab.map((1 << 20) + 4096, Slab.Prefault.NEVER, false);
        long last = slab.address() + slab.length() - 1;
        assertThat(Slab.at(slab.address())).isSameAs(slab);
        assertThat(Slab.at(slab.address() + Slab.GRANULE)).isSameAs(slab);
        assertThat(Slab.at(last)).isSameAs(slab);
        assertThat(Slab.at(last + 1)).isNotSameAs(slab);
        assertThat(Slab.at(slab.address() - 1)).isNotSameAs(slab);
        assertThat(Slab.at(0)).isNull();
        assertThat(Slab.at(-1)).as("beyond what programs have").isNull();
        slab.close();
        assertThat(Slab.at(last)).isNull();
    }

    @Test
    void indicesAreTheirOwnAndUsedAgain() throws Exception {
        List<Slab> slabs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slabs.add(Slab.map(4096, Slab.Prefault.NEVER, false));
        }
        assertThat(slabs.stream().map(Slab::index)).doesNotHaveDuplicates();
        int freed = slabs.get(3).index();
        slabs.get(3).close();
        slabs.set(3, Slab.map(4096, Slab.Prefault.NEVER, false));
        assertThat(slabs.get(3).index()).isLessThanOrEqualTo(freed);
        slabs.forEach(Slab::close);
    }
}
