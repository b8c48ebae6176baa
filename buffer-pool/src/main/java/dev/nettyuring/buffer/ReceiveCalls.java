// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Receives by recv(2) into buffers of a group that are not in its ring: always into the one that was used last, whose memory is
 * in the processor's cache if what it brought is sent on by then. Loop thread only.
 */
public final class ReceiveCalls {
    private final ProvidedBuffers group;
    private final ReceiveBuffers buffers;
    /** Lent for calls; {@code null} if none is. */
    private ReceiveBuffer open;

    private boolean used;

    ReceiveCalls(ProvidedBuffers group, ReceiveBuffers buffers) {
        this.group = group;
        this.buffers = buffers;
    }

    /** Whether there can be a buffer that the ring does not need, and it has at least so many bytes. */
    public boolean haveBuffersOf(int bytes) {
        return buffers.bufferSize() >= bytes && group.hasMoreThanTheRing();
    }

    /**
     * Receives what a socket has, without waiting, up to a whole buffer and at least half of one.
     *
     * @return how many bytes, which are then to be {@linkplain #take taken}; 0 at the end of the stream; or {@code -errno}:
     *     {@code -EAGAIN} if there is nothing, {@code -ENOBUFS} if no buffer is free
     */
    public int receive(int socket) {
        if ((open == null || isUsedUp()) && !open()) {
            return -Errno.ENOBUFS;
        }
        used = true;
        return (int)
                Native.recv(socket, open.address + open.filled, open.capacity() - open.filled, SocketAbi.MSG_DONTWAIT);
    }

    /** The ring goes first. What is closed last is taken first. */
    private boolean open() {
        group.refill();
        close();
        if (group.isFull()) {
            group.checkWaste();
            open = buffers.take();
        }
        if (open != null) {
            open.lend();
        }
        return open != null;
    }

    /** If all that it brought is gone, it is free to be filled from its beginning again. */
    private boolean isUsedUp() {
        return open.filled > 0 && (open.bytesInPipeline() == 0 || open.filled > open.capacity() / 2);
    }

    /**
     * What the last call received, as a buffer that the caller owns.
     *
     * @param length how much that was
     * @param alloc what the buffer's {@link ByteBuf#alloc()} gives, and where it moves to when it must grow
     */
    public ByteBuf take(int length, ByteBufAllocator alloc) {
        return group.cut(open, length, alloc);
    }

    /** Called every few seconds while there is more than at rest: gives up the buffer that was not used since. */
    void calm() {
        if (!used) {
            close();
        }
        used = false;
    }

    boolean has(ReceiveBuffer buffer) {
        return buffer == open;
    }

    /** Keeps no buffer any more; {@code false} if it kept none. */
    boolean close() {
        ReceiveBuffer closing = open;
        open = null;
        if (closing != null) {
            closing.kernelDone();
        }
        return closing != null;
    }
}
