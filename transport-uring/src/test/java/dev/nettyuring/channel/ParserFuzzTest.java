// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** {@link ParserFuzzer} without what guides it by coverage: random bytes, and messages that were changed a little. */
class ParserFuzzTest {
    private static final List<byte[]> SEEDS = ParserSeeds.all();

    @Example
    void seeds() {
        for (byte[] seed : SEEDS) {
            for (int length = 0; length <= seed.length; length++) {
                ParserFuzzer.fuzzerTestOneInput(Arrays.copyOf(seed, length));
            }
        }
    }

    @Property(tries = 2000)
    void anyBytes(@ForAll @IntRange(max = ParserFuzzer.PARSERS - 1) int parser, @ForAll @Size(max = 400) byte[] bytes) {
        ParserFuzzer.fuzzerTestOneInput(ParserSeeds.input(parser, bytes));
    }

    @Property(tries = 5000)
    void changedMessages(
            @ForAll("oneOfTheSeeds") byte[] seed,
            @ForAll @IntRange(max = 399) int at,
            @ForAll("values") long value,
            @ForAll @IntRange(max = 399) int otherAt,
            @ForAll byte other) {
        byte[] changed = seed.clone();
        ByteBuffer memory = ByteBuffer.wrap(changed).order(ByteOrder.nativeOrder());
        if (1 + at % 50 * Long.BYTES + Long.BYTES <= changed.length) {
            memory.putLong(1 + at % 50 * Long.BYTES, value);
        }
        if (otherAt < changed.length) {
            changed[otherAt] = other;
        }
        ParserFuzzer.fuzzerTestOneInput(changed);
    }

    @Provide
    Arbitrary<byte[]> oneOfTheSeeds() {
        return Arbitraries.of(SEEDS);
    }

    @Provide
    Arbitrary<Long> values() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(0, 300),
                Arbitraries.of(-1L, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 31, 1L << 32, (1L << 32) + 24),
                Arbitraries.longs());
    }

    /** Once, {@code cmsg_len} 0 would have been read for ever, and more than the message's read as descriptors. */
    @Example
    void descriptorsAreThoseThatThereIsRoomFor() {
        int at = DescriptorReceive.CONTROL;
        ByteBuffer memory = ByteBuffer.allocate(at + 64).order(ByteOrder.nativeOrder());
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, 24);
        memory.putLong(at, 24).putInt(at + SocketAbi.CMSGHDR_LEVEL, SocketAbi.SOL_SOCKET);
        memory.putInt(at + SocketAbi.CMSGHDR_TYPE, SocketAbi.SCM_RIGHTS);
        memory.putInt(at + SocketAbi.CMSGHDR_SIZE, 7).putInt(at + SocketAbi.CMSGHDR_SIZE + Integer.BYTES, 8);
        List<Integer> descriptors = new ArrayList<>();
        DescriptorReceive.read(memory, 64, descriptors::add);
        assertThat(descriptors).containsExactly(7, 8);
        memory.putLong(at, 1000);
        DescriptorReceive.read(memory, 64, descriptors::add);
        memory.putLong(at, 0);
        DescriptorReceive.read(memory, 64, descriptors::add);
        assertThat(descriptors).hasSize(2);
    }
}
