// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeBlocksTest {
    @ParameterizedTest
    @CsvSource({"0, 128", "1, 128", "128, 128", "129, 256", "256, 256", "1000, 1024", "16383, 16384", "16384, 16384"})
    void blocksAreTheNextPowerOfTwo(int bytes, int size) {
        try (NativeBlocks blocks = new NativeBlocks()) {
            NativeBlocks.Block block = blocks.allocate(bytes);
            assertThat(block.buffer().capacity()).isEqualTo(size);
            assertThat(block.buffer().order()).isEqualTo(ByteOrder.nativeOrder());
            block.free();
        }
    }

    @Test
    void moreThanTheLargestIsRefused() {
        try (NativeBlocks blocks = new NativeBlocks()) {
            assertThatThrownBy(() -> blocks.allocate(NativeBlocks.MAX_BLOCK + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("16385")
                    .hasMessageContaining("at most 16384");
        }
    }

    @Test
    void blocksInUseDoNotOverlap() {
        try (NativeBlocks blocks = new NativeBlocks()) {
            List<NativeBlocks.Block> inUse = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                NativeBlocks.Block block = blocks.allocate(1 << (i % 15));
                for (int at = 0; at < block.buffer().capacity(); at += Integer.BYTES) {
                    block.buffer().putInt(at, i);
                }
                inUse.add(block);
            }
            for (int i = 0; i < inUse.size(); i++) {
                for (int at = 0; at < inUse.get(i).buffer().capacity(); at += Integer.BYTES) {
                    assertThat(inUse.get(i).buffer().getInt(at)).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void aFreedBlockIsTheNext() {
        try (NativeBlocks blocks = new NativeBlocks()) {
            NativeBlocks.Block block = blocks.allocate(500);
            blocks.allocate(500);
            block.free();
            assertThat(blocks.allocate(400)).isSameAs(block);
        }
    }
}
