// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.BrokenPipeException;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.internal.StringUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A connection on io_uring: what TCP's and Unix domain sockets' channels share. What it reads is the memory that the kernel
 * wrote; what it writes goes to the kernel from where it is, heap buffers excepted.
 *
 * <p>A {@link io.netty.channel.RecvByteBufAllocator} that a user sets does not allocate: its guess bounds the size of the
 * pieces that are read, and it says how many make up one read loop.
 */
public abstract class UringStreamChannel extends DivertibleChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final StreamReceiver receiver = new StreamReceiver(this);
    private final StreamSender sender = new StreamSender(this);
    /** {@code null} but while the channel connects. */
    private Connector connector;

    private boolean inputEndSeen;

    UringStreamChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
        Uring.ensureAvailability();
    }

    /** The socket is connected already. */
    final void begin(SocketAddress remote, SocketAddress local) {
        setRemoteAddress(remote);
        setLocalAddress(local);
        setActive();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public abstract UringStreamChannelConfig config();

    /** Checks an address that the user would connect to; returns it as the kernel is to get it. */
    abstract SocketAddress checkTarget(SocketAddress remote) throws IOException;

    /** Writes an address that was checked; returns its length. */
    abstract int writeAddress(ByteBuffer memory, SocketAddress target);

    /** The peer's address, now that it is connected. */
    abstract SocketAddress connectedTo(SocketAddress target);

    /** The channel is about to connect; here is what was written already. */
    void beforeConnecting(ChannelOutboundBuffer out) {}

    /** What receives descriptors; {@code null} on a channel that none are passed to. */
    DescriptorReceive newDescriptorReceive(StreamReceiver reader) {
        return null;
    }

    /** Whether descriptors are read at the moment, not bytes. */
    boolean readsDescriptors() {
        return false;
    }

    final void readModeChanged() {
        onEventLoop(receiver::readModeChanged);
    }

    /** How long closing waits for what was written to arrive, in seconds; 0 or less if it does not. */
    int lingerSeconds() {
        return 0;
    }

    @Override
    final StreamReceiver receiver() {
        return receiver;
    }

    @Override
    Operation[] operations() {
        List<Operation> operations = new ArrayList<>();
        receiver.addOperations(operations);
        operations.add(connector);
        operations.add(sender.current());
        return operations.toArray(new Operation[0]);
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new StreamUnsafe();
    }

    private StreamUnsafe streamUnsafe() {
        return (StreamUnsafe) unsafe();
    }

    @Override
    void registered() {
        if (isActive()) {
            receiver.goOn();
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

    void autoReadCleared() {
        onEventLoop(receiver::clearReadPending);
    }

    @Override
    protected Object filterOutboundMessage(Object message) throws Exception {
        if (message instanceof ByteBuf) {
            ByteBuf buf = (ByteBuf) message;
            return buf.isDirect() ? buf : DirectCopy.of(buf, alloc());
        }
        if (message instanceof FileRegion || message instanceof SocketSink) {
            return message;
        }
        throw new UnsupportedOperationException("unsupported message type: " + StringUtil.simpleClassName(message)
                + " (expected: ByteBuf, FileRegion)");
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        if (canSubmit()) {
            try {
                sender.write(out);
            } catch (UncheckedIOException noMemory) {
                throw noMemory.getCause();
            } catch (IOException failure) {
                writeFailed(failure);
            }
        }
    }

    /** Whether the peer was seen to close its output, or all of the connection. */
    boolean isPeerClosing() {
        return receiver.isPeerClosing();
    }

    /** Now it was. */
    void peerClosing() {
        if (canSubmit()) {
            sender.peerClosing();
        }
    }

    /** Of what the kernel sends when there is room; it must not wait for that where it would be busy with it ({@link WritablePoll}). */
    int sendFlags() {
        return SocketAbi.MSG_NOSIGNAL | (isPeerClosing() ? SocketAbi.MSG_DONTWAIT : 0);
    }

    /** Sends what is flushed and not on its way yet. */
    void flushMore() {
        if (canSubmit()) {
            streamUnsafe().continueFlush();
        }
    }

    /** A pipe is broken for a reason, which the kernel may have told a receive: that is heard before the channel closes. */
    void writeFailed(IOException cause) {
        boolean isHeard = canSubmit() && !eventLoop().isShutdown();
        if (cause instanceof BrokenPipeException && config().isAutoClose() && isHeard) {
            sender.broken(cause);
            receiver.deliverWhatCompleted();
        } else {
            streamUnsafe().writeFailed(cause);
        }
    }

    /** All that was received by now has been delivered. */
    void inputDelivered() {
        IOException broken = sender.takeBroken();
        if (broken != null && unsafe().outboundBuffer() != null) { // else all writes have failed already
            streamUnsafe().writeFailed(broken);
        }
    }

    void checkNotTruncated(DefaultFileRegion region, long position) throws IOException {
        validateFileRegion(region, position);
    }

    /** The stream's end was read: the channel's end as well, unless half closure is allowed. */
    void inputEnded() {
        boolean shutDownByUser = isInputShutdown();
        if (!config().isAllowHalfClosure()) {
            if (!shutDownByUser) {
                closeNow();
            }
            return;
        }
        if (!shutDownByUser) {
            boolean open = shutDownInput();
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            if (!open) {
                closeNow();
                return;
            }
        }
        if (!inputEndSeen) {
            inputEndSeen = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }

    private boolean shutDownInput() {
        try {
            socket().shutdownInput();
            return true;
        } catch (IOException e) {
            return false; // it is shut down in effect, and so is the rest
        }
    }

    private void beginConnecting(SocketAddress target, ChannelPromise promise) {
        if (connector == null) {
            connector = new Connector(this);
        }
        connector.connect(target, promise);
    }

    void connected(SocketAddress target, ChannelPromise promise) {
        connector = null;
        setRemoteAddress(connectedTo(target));
        updateLocalAddress();
        setActive();
        receiver.goOn();
        boolean wanted = promise.trySuccess();
        // what happened, happened: a listener may have closed the channel, or the user cancelled just now
        pipeline().fireChannelActive();
        if (wanted) {
            flushMore();
        } else {
            closeNow();
        }
    }

    /** The exception for a CONNECT that returned {@code -errno}. */
    IOException connectFailure(SocketAddress target, int result) {
        return Errno.newSocketException("connect", result);
    }

    void connectFailed(IOException cause, SocketAddress target, ChannelPromise promise) {
        promise.tryFailure(streamUnsafe().annotate(cause, target));
        closeNow();
    }

    @Override
    protected void doDisconnect() throws Exception {
        sender.settle();
        super.doDisconnect();
    }

    @Override
    protected void doClose() throws Exception {
        try {
            super.doClose();
        } finally {
            onEventLoop(this::release);
        }
    }

    @Override
    final void closeOnLoop() {
        if (lingerSeconds() > 0) {
            closeElsewhere();
        } else {
            handler().closes().close(this);
        }
    }

    private void release() {
        receiver.close();
        sender.close();
        stopConnecting();
    }

    private void stopConnecting() {
        if (connector != null) {
            connector.close();
        }
    }

    @Override
    final void inputShutDown() {
        if (canSubmit()) {
            receiver.goOn();
        }
    }

    @Override
    final void shutdownOutputNow(ChannelPromise promise) {
        sender.settle();
        streamUnsafe().shutdownOutput(promise);
    }

    final class StreamUnsafe extends UringUnsafe {
        /** Bytes may be missing: none may follow. */
        @Override
        public void threw(Throwable cause) {
            if (eventLoop().inEventLoop()) {
                pipeline().fireExceptionCaught(cause);
                close();
            } else {
                eventLoop().execute(() -> threw(cause)); // it was moved
            }
        }

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            if (promise.isDone() || !ensureOpen(promise)) {
                return;
            }
            try {
                SocketAddress target = checkTarget(remote);
                if (isActive()) {
                    throw new AlreadyConnectedException();
                }
                if (local != null) {
                    doBind(local);
                }
                beforeConnecting(outboundBuffer());
                beginConnecting(target, promise);
            } catch (UncheckedIOException noMemory) {
                promise.tryFailure(annotate(noMemory.getCause(), remote));
                closeIfClosed();
            } catch (Throwable cause) {
                promise.tryFailure(annotate(cause, remote));
                closeIfClosed();
            }
        }

        Throwable annotate(Throwable cause, SocketAddress remote) {
            return annotateConnectException(cause, remote);
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

        void writeFailed(IOException cause) {
            handleWriteError(cause);
        }

        @Override
        protected void close(ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {
            sender.settle();
            super.close(promise, cause, closeCause);
        }

        /** With SO_LINGER, close(2) blocks: another thread calls it, when no operation holds on to the socket any more. */
        @Override
        protected Executor prepareToClose() {
            if (!isOpen() || lingerSeconds() <= 0 || isLoopEnding()) {
                return null;
            }
            stopConnecting();
            letGo();
            return GlobalEventExecutor.INSTANCE;
        }
    }
}
