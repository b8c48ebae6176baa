// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LentByteBufTest {
    @Test
    void theOwnerIsToldThoughHeReleasedHisBufferTooOften() {
        AtomicInteger returned = new AtomicInteger();
        ByteBuf owners = Unpooled.directBuffer(8).writeLong(1);
        ByteBuf lent = new LentByteBuf(owners, returned::incrementAndGet);
        owners.release(2);
        assertThatThrownBy(lent::release).isInstanceOf(IllegalReferenceCountException.class);
        assertThat(returned).hasValue(1);
    }
}
