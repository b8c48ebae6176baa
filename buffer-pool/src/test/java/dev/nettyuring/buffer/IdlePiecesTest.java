// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdlePiecesTest {
    private static final int CAPACITY = 4096;

    private final ReceiveBuffers pool = TestMemory.pool(CAPACITY, 1);
    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    private final ReceiveBuffer buffer = pool.take();

    @BeforeEach
    void lend() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // which would wrap them
        pool.ownedBy(Thread.currentThread());
        buffer.lend();
    }

    @AfterEach
    void end() {
        ResourceLeakDetector.setLevel(level);
        buffer.kernelDone();
        pool.close();
        assertThat(pool.isOver()).isTrue();
    }

    private ByteBuf piece(int length) {
        return ReceivedByteBuf.newInstance(buffer, 0, length, UnpooledByteBufAllocator.DEFAULT);
    }

    @Test
    void theLastOneThatTheLoopReleasedIsNext() {
        ByteBuf one = piece(1);
        ByteBuf other = piece(2);
        one.release();
        other.release();
        ByteBuf next = piece(3);
        assertThat(next).isSameAs(other);
        assertThat(next.refCnt()).isOne();
        assertThat(next.capacity()).isEqualTo(3);
        assertThat(piece(1).release()).isTrue();
        next.release();
    }

    @Test
    void soIsOneThatHasGrown() {
        ByteBuf grown = piece(1).capacity(100);
        grown.release();
        ByteBuf next = piece(10);
        assertThat(next).isSameAs(grown);
        assertThat(next.capacity()).isEqualTo(10);
        assertThat(next.memoryAddress()).isEqualTo(buffer.address);
        next.release();
    }

    @Test
    void whatAnotherThreadReleasesIsNot() throws InterruptedException {
        ByteBuf piece = piece(1);
        Thread other = new Thread(piece::release);
        other.start();
        other.join(TimeUnit.SECONDS.toMillis(10));
        ByteBuf next = piece(1);
        assertThat(next).isNotSameAs(piece);
        next.release();
    }

    @Test
    void noMoreThanSomeAreKept() {
        List<ByteBuf> pieces = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            pieces.add(piece(1));
        }
        pieces.forEach(ByteBuf::release);
        int kept = 0;
        while (pool.idlePieces().take() != null) {
            kept++;
        }
        assertThat(kept).isEqualTo(1024);
    }
}
