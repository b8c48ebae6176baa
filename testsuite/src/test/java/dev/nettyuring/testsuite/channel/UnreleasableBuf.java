// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/** A byte that throws when it is released, as one does that was released too often. */
final class UnreleasableBuf extends UnpooledDirectByteBuf {
    UnreleasableBuf(int content) {
        super(UnpooledByteBufAllocator.DEFAULT, 1, 1);
        writeByte(content);
    }

    @Override
    public boolean release() {
        throw new IllegalStateException("the test's");
    }
}
