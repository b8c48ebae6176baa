// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;

/** A channel that can be shut down in each direction by itself. */
abstract class UringDuplexChannel extends AbstractUringChannel implements DuplexChannel {
    UringDuplexChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
    }

    /** The user has shut the input down. Loop thread, or no loop. */
    abstract void inputShutDown();

    /** Shuts the output down, after what was flushed before. Loop thread, or no loop. */
    abstract void shutdownOutputNow(ChannelPromise promise);

    @Override
    public final boolean isInputShutdown() {
        return socket().isInputShutDown();
    }

    @Override
    public final boolean isOutputShutdown() {
        return socket().isOutputShutDown();
    }

    @Override
    public final boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public final ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public final ChannelFuture shutdownInput(ChannelPromise promise) {
        onEventLoop(() -> {
            try {
                checkConnected();
                socket().shutdownInput();
                inputShutDown();
                promise.setSuccess();
            } catch (IOException | RuntimeException e) {
                promise.setFailure(e);
            }
        });
        return promise;
    }

    @Override
    public final ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public final ChannelFuture shutdownOutput(ChannelPromise promise) {
        onEventLoop(() -> shutdownOutputNow(promise));
        return promise;
    }

    @Override
    protected final void doShutdownOutput() throws Exception {
        checkConnected();
        socket().shutdownOutput();
    }

    @Override
    public final ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public final ChannelFuture shutdown(ChannelPromise promise) {
        onEventLoop(() -> {
            ChannelFuture output = shutdownOutput();
            ChannelFuture input = shutdownInput();
            output.addListener(outputDone -> input.addListener(inputDone -> {
                Throwable cause = outputDone.isSuccess() ? inputDone.cause() : outputDone.cause();
                if (cause == null) {
                    promise.setSuccess();
                } else {
                    promise.setFailure(cause);
                }
            }));
        });
        return promise;
    }

    private void checkConnected() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (!isActive()) {
            throw new NotYetConnectedException();
        }
    }
}
