// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.AbstractByteBufTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;

/** What Netty demands of every ByteBuf. The buffers here are pieces out of the middle of a receive buffer. */
class ReceivedByteBufTest extends AbstractByteBufTest {
    private static final int BUFFER_SIZE = 1 << 20;
    private static final int OFFSET = 4099;

    private final ReceiveBuffers pool = TestMemory.pool(BUFFER_SIZE, 4096);

    @Override
    protected ByteBuf newBuffer(int capacity, int maxCapacity) {
        assumeTrue(maxCapacity == Integer.MAX_VALUE, "received buffers have no limit of their own");
        ReceiveBuffer buffer = pool.take();
        buffer.lend();
        ByteBuf piece = ReceivedByteBuf.newInstance(buffer, OFFSET, capacity, UnpooledByteBufAllocator.DEFAULT);
        buffer.kernelDone();
        assertThat(piece.writerIndex()).isEqualTo(capacity);
        return piece.setIndex(0, 0);
    }

    @AfterEach
    @Override
    public void dispose() {
        super.dispose();
        assertThat(pool.census().in(BufferState.PIPELINE)).isZero();
        pool.close();
        assertThat(pool.isOver()).isTrue();
    }
}
