// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Receives from a socket that sends to itself. Whatever is kept is as it was sent until the end. */
class ReceiveCallsTest {
    private static final int SIZE = 4096;
    private static final int HALF = SIZE / 2;
    private static final int DEPTH = 2;
    private static final int LIMIT = 8;

    private final Random random = new Random(1);
    private final ByteBuffer message = ByteBuffer.allocateDirect(SIZE);
    /** By the piece, what was sent. */
    private final Map<ByteBuf, byte[]> kept = new IdentityHashMap<>();

    private int socket;
    private ProvidedBuffers buffers;
    private boolean closed;

    @BeforeEach
    void open() throws Exception {
        openSocket();
        openBuffers(LIMIT, false);
        buffers.refill();
    }

    private void openSocket() {
        ByteBuffer address = ByteBuffer.allocateDirect(SocketAbi.SOCKADDR_IN_SIZE)
                .order(ByteOrder.nativeOrder())
                .putShort(0, (short) SocketAbi.AF_INET)
                .put(SocketAbi.SOCKADDR_IN_ADDR, new byte[] {127, 0, 0, 1});
        ByteBuffer length = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
        length.putInt(0, address.capacity());
        long at = MemoryAddress.of(address);
        socket = Native.socket(SocketAbi.AF_INET, SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_CLOEXEC, 0);
        assertThat(socket).isNotNegative();
        assertThat(Native.bind(socket, at, address.capacity())).isZero();
        assertThat(Native.getsockname(socket, at, MemoryAddress.of(length))).isZero();
        assertThat(Native.connect(socket, at, address.capacity())).isZero();
    }

    private void openBuffers(int limit, boolean scrubOnRelease) throws Exception {
        ReceivePool pool = new SlabReceivePool(Slab.Prefault.UP_FRONT, false);
        ReceiveMemory memory = new ReceiveMemory(SIZE, DEPTH, DEPTH, limit, true, DEPTH * SIZE, scrubOnRelease, pool);
        buffers = new ProvidedBuffers(0, memory, () -> {});
        buffers.ownedBy(Thread.currentThread());
    }

    private void reopenBuffers(int limit, boolean scrubOnRelease) throws Exception {
        buffers.close();
        openBuffers(limit, scrubOnRelease);
    }

    private void closeBuffers() {
        buffers.close();
        closed = true;
    }

    @AfterEach
    void close() {
        assertThat(Native.close(socket)).isZero();
        if (!closed) {
            closeBuffers();
        }
        List.copyOf(kept.keySet()).forEach(this::release);
        assertThat(buffers.buffers().isOver()).isTrue();
    }

    private byte[] send(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        message.put(0, bytes);
        assertThat(Native.write(socket, MemoryAddress.of(message), length)).isEqualTo(length);
        return bytes;
    }

    private int call() {
        return buffers.calls().receive(socket);
    }

    private ByteBuf receive(int length) {
        byte[] sent = send(length);
        assertThat(call()).isEqualTo(length);
        ByteBuf piece = buffers.calls().take(length, UnpooledByteBufAllocator.DEFAULT);
        assertThat(ByteBufUtil.getBytes(piece)).isEqualTo(sent);
        kept.put(piece, sent);
        return piece;
    }

    private void release(ByteBuf piece) {
        assertThat(ByteBufUtil.getBytes(piece)).isEqualTo(kept.remove(piece));
        assertThat(piece.release()).isTrue();
    }

    private static long address(ByteBuf piece) {
        return MemoryAddress.of(piece, 0);
    }

    private static void assertBehind(ByteBuf next, ByteBuf piece) {
        assertThat(address(next)).isEqualTo(address(piece) + piece.capacity());
    }

    /** Whether beside the ring's buffers one is lent for calls. */
    private void assertLent(boolean lent) {
        assertThat(buffers.count(BufferState.KERNEL)).isEqualTo(buffers.ready() + (lent ? 1 : 0));
    }

    /** Uses up the ring's first buffer. */
    private ByteBuf takeFromRing() {
        int id = new TestKernel(buffers.ring()).accept().id;
        int flags = id << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER;
        return buffers.take(flags, SIZE, UnpooledByteBufAllocator.DEFAULT);
    }

    private static byte[] memory(long address) {
        byte[] content = new byte[SIZE];
        RawMemory.at(address, SIZE).get(content);
        return content;
    }

    @Test
    void whatIsReleasedIsReceivedIntoAgain() {
        ByteBuf first = receive(100);
        long start = address(first);
        release(first);
        for (int length : new int[] {SIZE, 1, HALF, SIZE}) {
            ByteBuf next = receive(length);
            assertThat(address(next)).isEqualTo(start);
            release(next);
        }
        assertLent(true);
        assertThat(buffers.count(BufferState.PIPELINE)).isZero();
    }

    @Test
    void whatAnotherThreadReleasedIsReceivedIntoAgain() {
        ByteBuf first = receive(100);
        long start = address(first);
        Elsewhere.run(() -> release(first));
        assertThat(address(receive(SIZE))).isEqualTo(start);
    }

    @Test
    void itIsReceivedIntoAgainWhenAllItsPiecesAreReleased() {
        ByteBuf first = receive(100);
        ByteBuf second = receive(200);
        long start = address(first);
        release(second);
        release(first);
        assertThat(address(receive(SIZE))).isEqualTo(start);
    }

    @Test
    void behindAPieceThatIsKeptLiesTheNext() {
        ByteBuf first = receive(100);
        ByteBuf second = receive(200);
        assertBehind(second, first);
        release(first);
        assertBehind(receive(300), second);
    }

    @Test
    void halfABufferIsRoomEnough() {
        ByteBuf first = receive(HALF);
        ByteBuf second = receive(HALF);
        assertBehind(second, first);
        assertThat(buffers.count(BufferState.PIPELINE)).isZero();
    }

    @Test
    void lessIsNot() {
        ByteBuf first = receive(HALF);
        ByteBuf second = receive(1);
        assertBehind(second, first);
        ByteBuf third = receive(SIZE);
        assertThat(Math.abs(address(third) - address(first))).isGreaterThanOrEqualTo(SIZE);
        assertThat(buffers.count(BufferState.PIPELINE)).isOne();
        assertLent(true);
    }

    @Test
    void whatIsKeptStaysAsItWasSent() {
        for (int i = 0; i < 1000; i++) {
            receive(1 + random.nextInt(HALF));
            while (kept.size() > LIMIT - DEPTH - 1) {
                release(List.copyOf(kept.keySet()).get(random.nextInt(kept.size())));
            }
        }
    }

    @Test
    void theRingIsFilledFirst() throws Exception {
        reopenBuffers(LIMIT, false);
        assertThat(buffers.ready()).isZero();
        receive(100);
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        assertLent(true);
    }

    @Test
    void theRingMayTakeAll() throws Exception {
        reopenBuffers(DEPTH, false);
        send(100);
        assertThat(call()).isEqualTo(-Errno.ENOBUFS);
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        assertLent(false);
        assertThat(Native.read(socket, MemoryAddress.of(message), SIZE)).isEqualTo(100);
    }

    @Test
    void theRingTakesWhatComesBack() throws Exception {
        reopenBuffers(DEPTH + 1, false);
        ByteBuf used = receive(SIZE);
        ByteBuf fromRing = takeFromRing();
        assertThat(call()).isEqualTo(-Errno.ENOBUFS);
        assertThat(buffers.ready()).isEqualTo(DEPTH - 1);
        release(used);
        assertThat(call()).isEqualTo(-Errno.ENOBUFS);
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        fromRing.release();
        receive(SIZE);
    }

    @Test
    void whereNothingIsNothingIsLost() {
        assertThat(call()).isEqualTo(-Errno.EAGAIN);
        long lent = buffers.lent();
        assertThat(call()).isEqualTo(-Errno.EAGAIN);
        ByteBuf first = receive(100);
        assertThat(call()).isEqualTo(-Errno.EAGAIN);
        assertBehind(receive(200), first);
        assertThat(buffers.lent()).isEqualTo(lent);
        assertLent(true);
    }

    @Test
    void aCallThatFailsLosesNothing() {
        ByteBuf first = receive(100);
        assertThat(buffers.calls().receive(-1)).isEqualTo(-Errno.EBADF);
        assertBehind(receive(200), first);
        assertLent(true);
    }

    @Test
    void afterAQuietWhileNothingIsLent() {
        release(receive(100));
        buffers.calm();
        assertLent(true);
        buffers.calm();
        assertLent(false);
        assertThat(buffers.count(BufferState.PIPELINE)).isZero();
        receive(SIZE);
        assertLent(true);
    }

    @Test
    void aPieceIsKeptThroughAQuietWhile() {
        receive(100);
        buffers.calm();
        buffers.calm();
        assertLent(false);
        assertThat(buffers.count(BufferState.PIPELINE)).isOne();
        receive(SIZE);
    }

    @Test
    void whatIsUsedStaysLent() {
        ByteBuf first = receive(100);
        for (int i = 0; i < 3; i++) {
            buffers.calm();
            assertThat(call()).isEqualTo(-Errno.EAGAIN);
        }
        assertBehind(receive(200), first);
    }

    @Test
    void withTheGroupAllIsOver() {
        release(receive(100));
        assertLent(true);
        closeBuffers();
        assertThat(buffers.buffers().isOver()).isTrue();
    }

    @Test
    void aPieceOutlivesTheGroup() {
        ByteBuf piece = receive(100);
        closeBuffers();
        assertThat(buffers.ready()).isZero();
        assertThat(buffers.count(BufferState.KERNEL)).isZero();
        assertThat(buffers.count(BufferState.PIPELINE)).isOne();
        assertThat(buffers.buffers().isOver()).isFalse();
        Elsewhere.run(() -> release(piece));
        assertThat(buffers.buffers().isOver()).isTrue();
    }

    @Test
    void whatIsReceivedIntoAgainWasCleared() throws Exception {
        assumeFalse(Poison.ENABLED, "released memory has the pattern instead");
        reopenBuffers(LIMIT, true);
        ByteBuf first = receive(SIZE);
        long start = address(first);
        release(first);
        assertThat(call()).isEqualTo(-Errno.EAGAIN);
        assertThat(memory(start)).containsOnly(0);
        ByteBuf next = receive(1);
        assertThat(address(next)).isEqualTo(start);
        assertThat(Arrays.copyOfRange(memory(start), 1, SIZE)).containsOnly(0);
    }

    @Test
    void ofPiecesTheMemoryIsClearedWithTheLast() throws Exception {
        assumeFalse(Poison.ENABLED, "released memory has the pattern instead");
        reopenBuffers(LIMIT, true);
        ByteBuf first = receive(HALF);
        ByteBuf second = receive(HALF);
        long start = address(first);
        receive(1);
        release(first);
        assertThat(memory(start)).isNotEqualTo(new byte[SIZE]);
        release(second);
        assertThat(memory(start)).containsOnly(0);
    }
}
