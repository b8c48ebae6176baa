// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import java.net.SocketAddress;

/** A listening socket: one multishot ACCEPT brings all connections. */
abstract class UringServerChannel extends AbstractUringChannel implements ServerChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final Acceptor acceptor = new Acceptor(this);
    private final Operation[] operations = {acceptor.accept()};
    /** The local address of the last accepted connection. */
    private SocketAddress connectionsAddress;

    UringServerChannel(SocketFd socket) {
        super(null, socket);
        Uring.ensureAvailability();
    }

    /** The channel of an accepted connection. */
    abstract UringStreamChannel newChild(SocketFd socket);

    /**
     * The local address of an accepted connection, which most of them have in common: they share the object, and the memory.
     * Loop thread only.
     */
    final SocketAddress shared(SocketAddress local) {
        if (!SocketAddresses.areSame(local, connectionsAddress)) {
            connectionsAddress = local;
        }
        return connectionsAddress;
    }

    /** How many connections wait to be accepted at the most. */
    abstract int backlog();

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected final SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    final Operation[] operations() {
        return operations;
    }

    @Override
    protected final AbstractUnsafe newUnsafe() {
        return new ServerUnsafe();
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        super.doBind(local);
        socket().listen(backlog());
        setActive();
    }

    @Override
    final void registered() {
        acceptor.deliverSoon();
        acceptor.armIfWanted();
    }

    @Override
    final void leaveLoop() {
        acceptor.leaveLoop();
    }

    @Override
    protected final void doBeginRead() {
        acceptor.read();
    }

    final void autoReadCleared() {
        onEventLoop(acceptor::pause);
    }

    @Override
    protected void doClose() throws Exception {
        acceptor.close();
        super.doClose();
    }

    @Override
    protected final void doWrite(ChannelOutboundBuffer out) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected final Object filterOutboundMessage(Object message) {
        throw new UnsupportedOperationException();
    }

    private final class ServerUnsafe extends UringUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException());
        }
    }
}
