// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.NativeBlocks;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One attempt to connect: a CONNECT, a promise and a timeout, of which whichever comes first decides. Loop thread only. */
final class Connector extends Operation {
    private final UringStreamChannel channel;
    private SocketAddress target;
    private ChannelPromise promise;
    private Future<?> timeout;
    private NativeBlocks.Block address;

    Connector(UringStreamChannel channel) {
        this.channel = channel;
    }

    /** Begins; the promise may be cancelled, which closes the channel. */
    void connect(SocketAddress target, ChannelPromise promise) {
        if (this.promise != null) {
            throw new ConnectionPendingException();
        }
        this.target = target;
        this.promise = promise;
        try {
            channel.submit(this);
        } catch (RuntimeException e) {
            this.promise = null;
            freeAddress();
            throw e;
        }
        int timeoutMillis = channel.config().getConnectTimeoutMillis();
        if (timeoutMillis > 0) {
            timeout = channel.eventLoop().schedule(() -> timedOut(timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
        }
        promise.addListener((ChannelFutureListener) this::closeIfCancelled);
    }

    private void timedOut(int timeoutMillis) {
        ChannelPromise promise = this.promise;
        if (promise != null
                && promise.tryFailure(new ConnectTimeoutException(
                        "connection timed out after " + timeoutMillis + " ms: " + target))) {
            channel.closeNow();
        }
    }

    private void closeIfCancelled(ChannelFuture future) {
        if (future.isCancelled()) {
            over();
            channel.closeNow();
        }
    }

    private ChannelPromise over() {
        ChannelPromise promise = this.promise;
        this.promise = null;
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
        return promise;
    }

    /** The channel is closed. */
    void close() {
        ChannelPromise promise = over();
        if (promise != null) {
            promise.tryFailure(new ClosedChannelException());
        }
    }

    @Override
    protected void encode(Submission sqe) {
        address = channel.handler().blocks().allocate(SocketAbi.SOCKADDR_STORAGE_SIZE);
        int length = channel.writeAddress(address.buffer(), target);
        sqe.operation(Abi.IORING_OP_CONNECT, channel.socket().fd())
                .addr(address.address())
                .off(length);
    }

    private void freeAddress() {
        if (address != null) {
            address.free();
            address = null;
        }
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        freeAddress();
        ChannelPromise promise = over();
        if (promise == null) {
            return; // closed, timed out or cancelled before
        }
        if (result == 0) {
            channel.connected(target, promise);
        } else {
            channel.connectFailed(channel.connectFailure(target, result), target, promise);
        }
    }

    @Override
    public String toString() {
        return "CONNECT on " + channel;
    }
}
