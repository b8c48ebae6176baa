// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The accepting side of a server channel: one multishot ACCEPT while it wants to read. Connections that arrive when it no
 * longer does are kept for the next {@code read()}, and closed if there is none. Loop thread only.
 */
final class Acceptor extends ReadLoop<UringStreamChannel> {
    private static final long MIN_BACKOFF_MILLIS = 10;
    private static final long MAX_BACKOFF_MILLIS = 1000;
    /** So many connections in a row may be at fault; then it is the socket: not one that listens, say. */
    private static final int MAX_FAULTS = 64;

    private final UringServerChannel channel;
    private final Accept accept = new Accept();
    /** How long the acceptor waits since it could not accept; 0 while it can. */
    private long backoffMillis;

    /** Of connections, since one was accepted. */
    private int faults;

    private Future<?> retry;

    Acceptor(UringServerChannel channel) {
        super(channel);
        this.channel = channel;
    }

    Operation accept() {
        return accept;
    }

    @Override
    void arm() {
        if (!accept.isInFlight() && retry == null && channel.isActive() && channel.canSubmit()) {
            channel.submit(accept);
        }
    }

    /** Reading is switched off. */
    void pause() {
        clearReadPending();
        if (channel.canSubmit() && !isWanted()) {
            channel.handler().ring().cancel(accept);
        }
    }

    private void accepted(int fd) {
        backoffMillis = 0;
        faults = 0;
        if (!channel.isOpen()) {
            Native.close(fd);
            return;
        }
        SocketFd socket = channel.socket().accepted(fd);
        UringStreamChannel child;
        try {
            child = channel.newChild(socket);
        } catch (RuntimeException e) {
            Native.close(fd);
            channel.pipeline().fireExceptionCaught(e);
            return;
        }
        arrived(child);
        if (!isWanted() && channel.canSubmit()) {
            channel.handler().ring().cancel(accept); // those to come wait in the kernel's backlog
        }
    }

    /**
     * Accepting failed. If the connection was at fault the next is as good as any; if the machine is short of something,
     * file descriptors mostly, trying again at once would only burn CPU. The handlers are told once, not at every try.
     */
    private void failed(int result) {
        if (isConnectionsFault(-result) && ++faults <= MAX_FAULTS) {
            armIfWanted();
            return;
        }
        if (!channel.isOnLoop()) {
            return; // its next loop tries
        }
        boolean first = backoffMillis == 0;
        backoffMillis = first ? MIN_BACKOFF_MILLIS : Math.min(backoffMillis * 2, MAX_BACKOFF_MILLIS);
        retry = channel.eventLoop()
                .schedule(
                        () -> {
                            retry = null;
                            armIfWanted();
                        },
                        backoffMillis,
                        TimeUnit.MILLISECONDS);
        if (first) {
            channel.pipeline().fireExceptionCaught(Errno.newSocketException("accept", result));
        }
    }

    /** See <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>, error handling. */
    private static boolean isConnectionsFault(int errno) {
        switch (errno) {
            case Errno.ECONNABORTED:
            case Errno.EINTR:
            case Errno.EAGAIN:
            case Errno.EPERM:
            case Errno.EPROTO:
            case Errno.ENETDOWN:
            case Errno.ENOPROTOOPT:
            case Errno.EHOSTDOWN:
            case Errno.ENONET:
            case Errno.EHOSTUNREACH:
            case Errno.EOPNOTSUPP:
            case Errno.ENETUNREACH:
            case Errno.ETIMEDOUT:
                return true;
            default:
                return false;
        }
    }

    @Override
    void leaveLoop() {
        super.leaveLoop();
        cancelRetry();
    }

    private void cancelRetry() {
        if (retry != null) {
            retry.cancel(false);
            retry = null;
        }
    }

    /** The channel is being closed. */
    void close() {
        cancelRetry();
        discardAll();
    }

    @Override
    UringStreamChannel next(Deque<UringStreamChannel> inbox) {
        return inbox.pollFirst();
    }

    @Override
    int size(UringStreamChannel message) {
        return 1;
    }

    @Override
    void discard(UringStreamChannel message) {
        message.unsafe().closeForcibly();
    }

    /** Multishot ACCEPT: a completion for every connection. */
    private final class Accept extends Operation {
        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_ACCEPT, channel.socket().fd())
                    .ioprio(Abi.IORING_ACCEPT_MULTISHOT)
                    .operationFlags(SocketAbi.SOCK_CLOEXEC);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            if (result >= 0) {
                accepted(result);
            }
            if (last && channel.isOpen()) {
                if (result >= 0 || result == -Errno.ECANCELED) {
                    armIfWanted();
                } else {
                    failed(result);
                }
            }
        }

        @Override
        public String toString() {
            return "ACCEPT on " + channel;
        }
    }
}
