// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlabTest {
    private static final int LIMIT_SECONDS = 20;
    /** In an entry of /proc/self/pagemap. */
    private static final long PRESENT = 1L << 63;

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

    /** Nor is what lies there by then. */
    @Test
    void isNotFaultedInAfterItsEnd() throws Exception {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        CountDownLatch closed = new CountDownLatch(1);
        for (int i = 0; i < pool.getParallelism(); i++) {
            pool.execute(() -> awaitThat(closed));
        }
        Slab slab = Slab.map(Slab.GRANULE, Slab.Prefault.IN_BACKGROUND, false);
        slab.close();
        try (Slab other = Slab.map(Slab.GRANULE, Slab.Prefault.NEVER, false)) {
            closed.countDown();
            assertThat(pool.awaitQuiescence(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assumeThat(other.address()).isEqualTo(slab.address());
            assertThat(isFaultedIn(other.address())).isFalse();
        } finally {
            closed.countDown();
        }
    }

    private static void awaitThat(CountDownLatch latch) {
        try {
            latch.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What proc(5) says of the page. */
    private static boolean isFaultedIn(long address) throws IOException {
        try (RandomAccessFile pages = new RandomAccessFile("/proc/self/pagemap", "r")) {
            ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            pages.seek(address / Native.getpagesize() * Long.BYTES);
            pages.readFully(entry.array()); // in one read: the kernel gives whole entries only
            return (entry.getLong(0) & PRESENT) != 0;
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
