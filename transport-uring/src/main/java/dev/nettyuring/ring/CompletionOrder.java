// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.KernelException;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Finds out whether completions stand in the queue in the order in which the kernel took from a ring of buffers. Those of
 * receives that are not multishot wait for the end of what is submitted together, and kernels before 6.15 (6.12.29, 6.14.7)
 * let multishot ones overtake them
 * (<a href="https://git.kernel.org/torvalds/c/687b2bae0eff">ensure deferred completions are flushed for multishot</a>).
 * Where a buffer is consumed piece by piece, one connection would be given another's bytes then.
 */
final class CompletionOrder implements AutoCloseable {
    private static final int GROUP = 2;
    private static final int BUFFERS = 2;
    private static final int BUFFER_SIZE = 64;
    private static final int DATA = 1024;
    private static final int ADDRESS = 2048;
    private static final int ADDRESS_LENGTH = 3072;
    private static final int MEMORY_SIZE = 4096;
    private static final int FAMILY_SIZE = 2;
    private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ring ring;
    private final MappedMemory memory = MappedMemory.anonymous(MEMORY_SIZE, true);
    private final int socket = Native.socket(SocketAbi.AF_UNIX, SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_CLOEXEC, 0);
    private final List<Receive> completed = new ArrayList<>();

    private CompletionOrder(Ring ring) throws IOException {
        this.ring = ring;
    }

    /**
     * Receives two datagrams, one by a receive for one and one by a multishot one, submitted together in that order.
     *
     * @throws IOException if there cannot be a socket, or the kernel knows no rings of buffers
     */
    static boolean isKept(Ring ring) throws IOException {
        try (CompletionOrder order = new CompletionOrder(ring)) {
            order.sendToItself();
            order.provideBuffers();
            return order.isKept();
        }
    }

    private void sendToItself() throws IOException {
        check("socket", socket);
        memory.buffer().putShort(ADDRESS, (short) SocketAbi.AF_UNIX).putInt(ADDRESS_LENGTH, SocketAbi.SOCKADDR_UN_SIZE);
        check("bind", Native.bind(socket, memory.address() + ADDRESS, FAMILY_SIZE)); // the kernel chooses a name
        check("getsockname", Native.getsockname(socket, memory.address() + ADDRESS, memory.address() + ADDRESS_LENGTH));
        check(
                "connect",
                Native.connect(
                        socket, memory.address() + ADDRESS, memory.buffer().getInt(ADDRESS_LENGTH)));
        for (int i = 0; i < BUFFERS; i++) {
            check("write", (int) Native.write(socket, memory.address() + DATA, 1));
        }
    }

    private void provideBuffers() throws IOException {
        check("io_uring_register", ProvidedBuffers.register(ring.fd(), memory.address(), BUFFERS, GROUP, false));
        for (int i = 0; i < BUFFERS; i++) {
            int entry = i * Abi.BUF_SIZE;
            memory.buffer()
                    .putLong(entry + Abi.BUF_ADDR, memory.address() + DATA + (long) i * BUFFER_SIZE)
                    .putInt(entry + Abi.BUF_LEN, BUFFER_SIZE)
                    .putShort(entry + Abi.BUF_BID, (short) i);
        }
        memory.buffer().putShort(Abi.BUF_RESV, (short) BUFFERS); // the tail; the kernel looks in the next call
    }

    private boolean isKept() throws IOException {
        Receive once = new Receive(0);
        Receive multishot = new Receive(Abi.IORING_RECV_MULTISHOT);
        ring.submit(once, once);
        ring.submit(multishot, multishot);
        try (Wakeup wakeup = new Wakeup()) {
            while (completed.size() < BUFFERS) {
                ring.enterAndWait(ATTEMPT_NANOS);
                ring.dispatchCompletions(wakeup);
            }
            ring.cancel(multishot);
            while (once.isInFlight() || multishot.isInFlight()) {
                ring.enterAndWait(ATTEMPT_NANOS);
                ring.dispatchCompletions(wakeup);
            }
        }
        return completed.get(0) == once && completed.get(1) == multishot;
    }

    private static void check(String call, int result) throws KernelException {
        if (result < 0) {
            throw new KernelException(call, result, "");
        }
    }

    @Override
    public void close() throws IOException {
        ProvidedBuffers.unregister(ring.fd(), GROUP);
        if (socket >= 0) {
            Native.close(socket);
        }
        memory.close();
    }

    private final class Receive extends Operation implements Operation.Owner {
        private final int ioprio;

        Receive(int ioprio) {
            this.ioprio = ioprio;
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_RECV, socket)
                    .flags(Abi.IOSQE_BUFFER_SELECT)
                    .ioprio(ioprio)
                    .bufferGroup((short) GROUP);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            completed.add(this);
        }

        @Override
        public void ended(Operation operation) {}

        @Override
        public void threw(Operation operation, Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }
}
