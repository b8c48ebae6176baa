// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Ring;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;

/** What every channel on io_uring has: a socket, a place on a loop, and operations that end before the socket does. */
abstract class AbstractUringChannel extends AbstractChannel implements UnixChannel {
    /** How often the kernel is asked to take what is submitted before somebody else closes the descriptor. */
    private static final int MAX_TRIES = 1000;

    private final SocketFd socket;
    private volatile boolean active;
    private volatile SocketAddress localAddress;
    private volatile SocketAddress remoteAddress;

    /** The loop's handler while registered. Loop thread only. */
    private UringIoHandler handler;

    private IoRegistration registration;
    private boolean leavingLoop;

    AbstractUringChannel(Channel parent, SocketFd socket) {
        super(parent);
        this.socket = socket;
    }

    final SocketFd socket() {
        return socket;
    }

    /**
     * Runs a task on the channel's event loop, whichever that is by then: at once if this is its thread, or if it has none any
     * more.
     */
    final void onEventLoop(Runnable task) {
        if (!isRegistered() || eventLoop().inEventLoop()) {
            task.run();
            return;
        }
        try {
            eventLoop().execute(() -> onEventLoop(task));
        } catch (RejectedExecutionException loopIsGone) {
            task.run();
        }
    }

    /** The handler of the loop that the channel is registered with; {@code null} if it is not. */
    final UringIoHandler handler() {
        return handler;
    }

    /** Whether the channel has a loop, and is not about to leave it. */
    final boolean isOnLoop() {
        return handler != null && !leavingLoop;
    }

    /** Whether operations may be submitted. */
    final boolean canSubmit() {
        return isOnLoop() && isOpen();
    }

    final void submit(Operation operation) {
        registration.submit(operation);
    }

    /** The operations that may be in flight, and can be cancelled; {@code null} where there is none at present. */
    abstract Operation[] operations();

    /**
     * The socket's file descriptor. It stays the channel's: closing it closes the channel's socket behind its back, and its
     * reads and writes need Netty's own native library.
     */
    @Override
    public final FileDescriptor fd() {
        return new UringFileDescriptor(socket);
    }

    @Override
    public final boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return active;
    }

    final void setActive() {
        active = true;
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop && ((IoEventLoop) loop).isCompatible(UringIoHandle.class);
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register((UringIoHandle) unsafe()).addListener(future -> {
            if (future.isSuccess()) {
                registration = (IoRegistration) future.getNow();
                handler = registration.attachment();
                promise.setSuccess();
                registered();
            } else {
                promise.setFailure(future.cause());
            }
        });
    }

    /** The channel has a loop now. */
    void registered() {}

    /** The channel's loop must not touch it any more. */
    abstract void leaveLoop();

    @Override
    protected final void doDeregister() {
        if (registration == null) {
            return;
        }
        leaveLoop();
        leavingLoop = true;
        try {
            if (isOpen()) {
                quiesce();
            }
        } finally {
            leavingLoop = false;
        }
        registration.cancel();
        registration = null;
        handler = null;
    }

    /** Ends all operations, and takes in what they brought, before another loop's thread may use the channel. */
    private void quiesce() {
        cancelOperations(handler.ring());
        // the loop closes it if completions are lost, which are waited for in vain
        while (isOpen()
                && Arrays.stream(operations()).anyMatch(operation -> operation != null && operation.isInFlight())) {
            handler.awaitCompletions();
        }
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        bindSocket(local);
        updateLocalAddress();
        if (localAddress == null) {
            throw new SocketException(
                    "getsockname: the kernel has no room (ENOBUFS) to tell what was bound to " + local);
        }
    }

    /** Binds the socket to an address of its family. */
    void bindSocket(SocketAddress local) throws IOException {
        InetSocketAddress address = (InetSocketAddress) local;
        SocketAddresses.checkResolved(address);
        socket.bind(address);
    }

    /** The address that the socket has now; {@code null} if it is not open. */
    SocketAddress boundAddress() {
        return socket.localAddress();
    }

    final void updateLocalAddress() {
        setLocalAddress(boundAddress());
    }

    final void setLocalAddress(SocketAddress address) {
        localAddress = address;
    }

    final void setRemoteAddress(SocketAddress address) {
        remoteAddress = address;
    }

    @Override
    protected final SocketAddress localAddress0() {
        return localAddress;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return remoteAddress;
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    /**
     * Closes the socket, now: when it returns, the port is free (but {@link Closes} may have some wait). The operations in
     * flight, which hold on to the socket, are cancelled first; their memory stays theirs until they end.
     */
    @Override
    protected void doClose() throws Exception {
        active = false;
        boolean onLoop = handler != null && eventLoop().inEventLoop();
        boolean closes = socket.markClosed();
        if (closes && onLoop) {
            closeOnLoop();
        } else if (closes) {
            socket.close();
        } else if (onLoop) {
            cancelOperations(handler.ring());
        }
    }

    /** The channel is no longer open, but its socket is. */
    void closeOnLoop() {
        submitClose(handler.ring());
        handler.ring().enter();
    }

    /** Asks the kernel to end the operations that hold on to the socket, and to close it. */
    final void submitClose(Ring ring) {
        cancelOperations(ring);
        ring.closeFd(socket.fd());
    }

    /**
     * Makes the kernel let go of the socket, so that another thread can close it. The channel is no longer open: what was
     * submitted from now on would reach whichever socket has the fd's number next.
     */
    final void letGo() {
        socket.beginClose();
        if (handler != null) {
            Ring ring = handler.ring();
            cancelOperations(ring);
            int tries = 0;
            do {
                ring.enter(); // again if it is short of memory, or interrupted
            } while (ring.hasSubmissions() && ++tries < MAX_TRIES);
        }
    }

    /** Another thread closes the socket, which may take long, and nobody waits for that. */
    final void closeElsewhere() {
        letGo();
        GlobalEventExecutor.INSTANCE.execute(socket::closeQuietly);
    }

    /** Whether nobody can be told by the loop what happens later. */
    final boolean isLoopEnding() {
        return handler != null && handler.isShuttingDown();
    }

    final void closeNow() {
        unsafe().close(unsafe().voidPromise());
    }

    private void cancelOperations(Ring ring) {
        for (Operation operation : operations()) {
            if (operation != null) {
                ring.cancel(operation);
            }
        }
    }

    /** What all channels' unsafes are to their loop: a handle that is closed when the loop ends. */
    abstract class UringUnsafe extends AbstractUnsafe implements UringIoHandle {
        @Override
        public final void close() {
            close(voidPromise());
        }
    }

    /** Netty's type for an fd, without what its native library would do. */
    private static final class UringFileDescriptor extends FileDescriptor {
        private final SocketFd socket;

        UringFileDescriptor(SocketFd socket) {
            super(socket.fd());
            this.socket = socket;
        }

        @Override
        public boolean isOpen() {
            return socket.isOpen();
        }

        @Override
        public void close() throws IOException {
            if (socket.markClosed()) {
                socket.close();
            }
        }
    }
}
