// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Validate;

/** The steps that the loop and the threads that release take in {@link ReturnOrderTest}. */
public class ReturnSteps {
    private static final int SIZE = 64;
    private static final int COUNT = 3;
    private static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(COUNT * SIZE);
    private static final int NONE = -1;

    private final AtomicInteger wakes = new AtomicInteger();
    private final ByteBuf slab = Unpooled.wrappedBuffer(MEMORY);
    private final ReceiveBuffers buffers = new ReceiveBuffers(
            new ReceiveMemory(SIZE, COUNT, COUNT, COUNT, true, COUNT * SIZE, false, bytes -> slab),
            wakes::incrementAndGet);
    /** The kernel has it still. */
    private final ReceiveBuffer filling = lend(1);

    private final ReceiveBuffer onePiece = lend(1);
    private final ReceiveBuffer twoPieces = lend(2);
    private final Deque<ReceiveBuffer> atKernel = new ArrayDeque<>();
    private boolean asleep;
    private boolean ended;

    /** Three buffers are out, and none is free. */
    public ReturnSteps() {
        atKernel.add(filling);
        onePiece.kernelDone();
        twoPieces.kernelDone();
    }

    private ReceiveBuffer lend(int pieces) {
        ReceiveBuffer buffer = buffers.take();
        buffer.lend();
        for (int i = 0; i < pieces; i++) {
            buffer.retain(1);
        }
        return buffer;
    }

    @Operation(runOnce = true)
    public void releaseOfFilling() {
        filling.release(1);
    }

    @Operation(runOnce = true)
    public void releaseOfOnePiece() {
        onePiece.release(1);
    }

    @Operation(runOnce = true)
    public void releaseFirstOfTwo() {
        twoPieces.release(1);
    }

    @Operation(runOnce = true)
    public void releaseSecondOfTwo() {
        twoPieces.release(1);
    }

    @Operation
    public boolean isOver() {
        return buffers.isOver();
    }

    /** The loop goes on, and takes what came back. */
    @Operation(nonParallelGroup = "loop")
    public void collect() {
        if (!ended) {
            asleep = false;
            buffers.collectReturned();
        }
    }

    /** The loop lends a free buffer; its id. */
    @Operation(nonParallelGroup = "loop")
    public int lend() {
        ReceiveBuffer buffer = ended ? null : buffers.take();
        if (buffer == null) {
            return NONE;
        }
        buffer.lend();
        atKernel.addLast(buffer);
        return buffer.id;
    }

    @Operation(nonParallelGroup = "loop")
    public void kernelIsDone() {
        ReceiveBuffer buffer = ended ? null : atKernel.pollFirst();
        if (buffer != null) {
            buffer.kernelDone();
        }
    }

    /** The loop sleeps, unless something came back. */
    @Operation(nonParallelGroup = "loop")
    public void sleep() {
        if (!ended) {
            buffers.awaitReturn(true);
            asleep = !buffers.hasReturned();
        }
    }

    @Operation(nonParallelGroup = "loop", runOnce = true)
    public void end() {
        ended = true;
        atKernel.forEach(ReceiveBuffer::kernelDone);
        buffers.close();
    }

    /** When all steps were taken. */
    @Validate
    public void nothingIsLost() {
        BufferState.Census census = buffers.census();
        if (ended) {
            int out = census.in(BufferState.PIPELINE);
            check("nothing is returning", census.in(BufferState.RETURNING) == 0);
            check("all is over when everything is back", buffers.isOver() == (out == 0));
            check("the slab is back when everything is", slab.refCnt() == (out == 0 ? 0 : 1));
        } else {
            check("what came back woke the loop", !asleep || !buffers.hasReturned() || wakes.get() > 0);
            buffers.collectReturned();
            check("all that came back is collected", census.in(BufferState.RETURNING) == 0);
        }
    }

    private static void check(String what, boolean right) {
        if (!right) {
            throw new AssertionError("not so: " + what);
        }
    }
}
