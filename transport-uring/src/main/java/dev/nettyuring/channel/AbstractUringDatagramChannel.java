// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;

/** What channels of datagrams have in common, whatever the addresses: how they receive, send, connect and end. */
abstract class AbstractUringDatagramChannel extends AbstractUringChannel {
    /** A datagram may be as large as it can be. */
    static final int ANY_SIZE = 0;

    private static final ChannelMetadata METADATA = new ChannelMetadata(true, 16);
    /** Of more pieces than this a message is copied into one, since their iovecs must fit into a block of memory. */
    private static final int MAX_PIECES = 512;

    private final DatagramReceiver receiver = new DatagramReceiver(this);
    private final DatagramSender sender = new DatagramSender(this);
    private volatile boolean connected;

    AbstractUringDatagramChannel(SocketFd socket) {
        super(null, socket);
        Uring.ensureAvailability();
    }

    /** What the datagrams look like. */
    abstract DatagramFormat format();

    /** The most bytes of a datagram that the channel must be able to receive, or {@link #ANY_SIZE}. */
    abstract int payloadRoom();

    /** Gives the socket a peer. Loop thread only. */
    abstract void doConnect(SocketAddress remote) throws IOException;

    /** Takes the peer away. Loop thread only. */
    abstract void doUnconnect() throws IOException;

    /** The socket has a peer already. */
    final void takeOver(SocketAddress remote) {
        setRemoteAddress(remote);
        connected = true;
    }

    /** Whether it has a peer. */
    public final boolean isConnected() {
        return connected;
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    Operation[] operations() {
        List<Operation> operations = new ArrayList<>(sender.sends());
        operations.add(receiver.receive());
        operations.add(receiver.allocated());
        return operations.toArray(new Operation[0]);
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new DatagramUnsafe();
    }

    @Override
    void registered() {
        if (isActive()) {
            sender.resume();
            receiver.deliverSoon();
            receiver.armIfWanted();
            flushMore();
        }
    }

    @Override
    void leaveLoop() {
        receiver.leaveLoop();
        sender.leaveLoop();
    }

    @Override
    protected void doBeginRead() {
        receiver.read();
    }

    final void autoReadCleared() {
        onEventLoop(receiver::clearReadPending);
    }

    /** What the kernel is to tell of datagrams, or how large they may be, has changed. Any thread. */
    final void receiveChanged() {
        onEventLoop(receiver::rearm);
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        super.doBind(local);
        setActive();
    }

    /** Leaves it to connecting to make the channel active: if that fails, no handler has been told that it is. */
    private void bindToConnect(SocketAddress local) throws Exception {
        super.doBind(local);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        if (canSubmit()) {
            sender.write(out);
        }
    }

    /** How many messages a flush may send before others have their turn. */
    final int messagesAtOnce() {
        return maxMessagesPerWrite();
    }

    /** How many messages may be on their way at a time. */
    int sendsAtOnce() {
        return Math.min(DatagramSender.MAX_IN_FLIGHT, maxMessagesPerWrite());
    }

    /** Sends what is flushed and not on its way yet. */
    final void flushMore() {
        if (canSubmit()) {
            ((DatagramUnsafe) unsafe()).continueFlush();
        }
    }

    /** The same message, its content in memory that the kernel can be given. */
    final ByteBuf toDirect(ByteBuf buf) {
        boolean fits = isDirect(buf) && buf != Unpooled.EMPTY_BUFFER; // which is what a cancelled message becomes
        return fits ? buf : copyToDirect(buf, buf);
    }

    /** The same. */
    final <A extends SocketAddress> AddressedEnvelope<ByteBuf, A> toDirect(AddressedEnvelope<ByteBuf, A> envelope) {
        ByteBuf content = envelope.content();
        return isDirect(content)
                ? envelope
                : new DefaultAddressedEnvelope<>(
                        copyToDirect(content, envelope), envelope.recipient(), envelope.sender());
    }

    static boolean isDirect(ByteBuf buf) {
        return buf.hasMemoryAddress() || (buf.isDirect() && buf.nioBufferCount() <= MAX_PIECES);
    }

    /** Copies the content of a message, and releases that. */
    final ByteBuf copyToDirect(ByteBuf content, Object message) {
        int readable = content.readableBytes();
        ByteBuf direct = alloc().directBuffer(readable);
        direct.writeBytes(content, content.readerIndex(), readable);
        ReferenceCountUtil.safeRelease(message);
        return direct;
    }

    @Override
    protected void doDisconnect() throws Exception {
        doUnconnect();
        connected = false;
        setRemoteAddress(null);
        localAddressChanged();
    }

    @SuppressWarnings("deprecation") // there is no other way to have it asked for anew
    private void localAddressChanged() {
        updateLocalAddress();
        invalidateLocalAddress();
    }

    /** The kernel has bound the socket, if nobody had: it does when something is first sent. */
    final void sent() {
        if (localAddress0() == null) {
            localAddressChanged();
        }
    }

    @Override
    protected void doClose() throws Exception {
        connected = false;
        try {
            super.doClose();
        } finally {
            onEventLoop(this::release);
        }
    }

    private void release() {
        receiver.discardAll();
        sender.close();
    }

    private final class DatagramUnsafe extends UringUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            boolean wasActive = isActive();
            try {
                if (local != null) {
                    bindToConnect(local);
                }
                doConnect(remote);
            } catch (Throwable cause) {
                promise.tryFailure(annotateConnectException(cause, remote));
                closeIfClosed();
                return;
            }
            connected = true;
            localAddressChanged();
            setActive();
            promise.trySuccess();
            if (!wasActive) {
                pipeline().fireChannelActive();
            }
        }

        /** The user flushes: if nothing else has been this turn, the kernel gets it now. */
        @Override
        protected void flush0() {
            super.flush0();
            if (sender.isBusy() && canSubmit()) {
                handler().submitFirstFlush();
            }
        }

        void continueFlush() {
            super.flush0();
        }

        @Override
        protected void close(ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {
            sender.settle();
            super.close(promise, cause, closeCause);
        }
    }
}
