// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A splice's way into another socket: a message in the target's outbound buffer, so that it has its place among all that is
 * written there. The target's loop empties the pipe.
 */
final class SocketSink implements SpliceSink {
    private final UringStreamChannel target;
    private final AtomicBoolean flushScheduled = new AtomicBoolean();
    private Splice splice;

    SocketSink(UringStreamChannel target) {
        this.target = target;
    }

    @Override
    public void begin(Splice splice) {
        this.splice = splice;
        if (hasLoop()) {
            Splice.onLoop(target, this::enqueue);
        } else {
            splice.sinkEnded(new NotYetConnectedException());
        }
    }

    /** Whether the target was registered, ever. */
    private boolean hasLoop() {
        try {
            return target.eventLoop() != null;
        } catch (IllegalStateException unregistered) {
            return false;
        }
    }

    private void enqueue() {
        try {
            if (!target.isOpen()) {
                throw new ClosedChannelException();
            }
            TlsHandlers.checkNone(target);
            target.socket().makeNonBlocking();
        } catch (IOException | RuntimeException e) {
            splice.sinkEnded(e);
            return;
        }
        ChannelPromise written = target.newPromise();
        written.addListener(done -> splice.sinkEnded(done.cause()));
        target.unsafe().write(this, written);
        target.unsafe().flush();
    }

    @Override
    public void moreTaken() {
        if (!hasLoop()) {
            return;
        }
        if (target.eventLoop().inEventLoop()) {
            target.flushMore();
        } else if (flushScheduled.compareAndSet(false, true)) {
            Splice.onLoop(target, () -> {
                flushScheduled.set(false);
                target.flushMore();
            });
        }
    }

    /**
     * It is this message's turn: sends what is in the pipe; {@code true} if that was all, and the next message may go.
     *
     * @param sender the target's
     * @throws IOException if the target is broken
     */
    boolean drain(ChannelOutboundBuffer out, StreamSender sender) throws IOException {
        long sent = 0;
        while (!splice.isSinkOver() && target.canSubmit()) {
            boolean all = splice.isAllTaken(); // what was taken before that is in the pipe now
            long bytes = splice.inPipe();
            if (bytes == 0) {
                if (all) {
                    out.remove();
                }
                return all;
            }
            long result = sent >= FairShare.BYTES ? -Errno.EAGAIN : send(bytes);
            if (result > 0) {
                sent += result;
                splice.deliver(result);
            } else if (result == -Errno.EAGAIN) {
                sender.awaitRoom();
                return false;
            } else if (result != -Errno.EINTR) {
                throw Errno.newSocketException("splice", (int) result);
            }
        }
        return false;
    }

    private long send(long bytes) {
        return Native.splice(splice.pipe().readEnd(), 0, target.socket().fd(), 0, bytes, SocketAbi.SPLICE_F_NONBLOCK);
    }

    @Override
    public String toString() {
        return "splice to " + target;
    }
}
