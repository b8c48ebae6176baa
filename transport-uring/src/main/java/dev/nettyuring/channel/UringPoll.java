// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.ObjectUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;

/**
 * Any other file descriptor on an event loop of this transport, beside its channels: a library's socket, a pipe, an eventfd, a
 * timerfd, a child process's pidfd.
 *
 * <pre>
 * UringPoll poll = UringPoll.register(loop, fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (p, events) -&gt; readAllOf(fd));
 * </pre>
 *
 * <p>The descriptor stays its owner's, who closes it when {@link #closeFuture()} is done, not before: until then the kernel
 * holds on to its file. Needs Linux 6.1.
 */
public final class UringPoll implements AutoCloseable {
    /** There is something to read, or the end. */
    public static final int POLLIN = SocketAbi.POLLIN;
    /** There is something urgent. */
    public static final int POLLPRI = SocketAbi.POLLPRI;
    /** There is room to write. */
    public static final int POLLOUT = SocketAbi.POLLOUT;
    /** The file is in error. Told without being asked for. */
    public static final int POLLERR = SocketAbi.POLLERR;
    /** The other end has hung up. Told without being asked for. */
    public static final int POLLHUP = SocketAbi.POLLHUP;
    /** The peer of a stream socket has closed its output. */
    public static final int POLLRDHUP = SocketAbi.POLLRDHUP;

    private static final int ALWAYS_TOLD = POLLERR | POLLHUP;
    private static final int ALL = POLLIN | POLLPRI | POLLOUT | POLLRDHUP | ALWAYS_TOLD;

    private final EventLoop loop;
    private final int fd;
    private final Trigger trigger;
    private final Handler handler;
    private final Promise<Void> closed;
    private final Poll poll = new Poll();
    private volatile int events;
    private volatile boolean closing;

    /** The rest is the loop thread's. {@code null} before it is registered, and when it is not any more. */
    private IoRegistration registration;

    private UringIoHandler ioHandler;
    private IOException failure;

    /** How often the handler is told. */
    public enum Trigger {
        /**
         * When something happens at the descriptor, and at first if it is ready then (a multishot poll). What is left unread is
         * not told again: read until there is nothing (EAGAIN). Costs no system call of its own.
         */
        EDGE,
        /** In every turn of the loop in which the descriptor is ready (a poll at a time, armed anew after each call). */
        LEVEL
    }

    /** Who is told. */
    @FunctionalInterface
    public interface Handler {
        /**
         * The descriptor is ready. Called by the event loop. What it throws is logged, and the poll goes on.
         *
         * @param events those of the POLL* constants that hold, of which some may be over by now
         */
        void ready(UringPoll poll, int events) throws Exception;
    }

    private UringPoll(IoEventLoop loop, int fd, int events, Trigger trigger, Handler handler) {
        this.loop = loop;
        this.fd = fd;
        this.events = events;
        this.trigger = trigger;
        this.handler = handler;
        closed = loop.newPromise();
    }

    /**
     * Has an event loop poll a descriptor, until {@link #close()} or the loop's end. Any thread. If the kernel will not, because
     * the descriptor is not open for one, or if the loop has ended, {@link #closeFuture()} fails and says why.
     *
     * @param loop one of this transport's
     * @param fd the descriptor
     * @param events which of the POLL* constants to tell
     * @param handler called by the loop
     * @throws IllegalArgumentException if the loop is of another transport, an event is none of the constants, or the descriptor
     *     is an ordinary file's, which is always ready
     */
    public static UringPoll register(EventLoop loop, int fd, int events, Trigger trigger, Handler handler) {
        ObjectUtil.checkNotNull(loop, "loop");
        ObjectUtil.checkNotNull(trigger, "trigger");
        ObjectUtil.checkNotNull(handler, "handler");
        ObjectUtil.checkPositiveOrZero(fd, "fd");
        if (!(loop instanceof IoEventLoop) || !((IoEventLoop) loop).isCompatible(UringIoHandle.class)) {
            throw new IllegalArgumentException(
                    "loop: " + loop + " (expected: one whose group was made with UringIoHandler.newFactory())");
        }
        checkEvents(events);
        Path file = Path.of("/proc/self/fd/" + fd);
        if (Files.isRegularFile(file) || Files.isDirectory(file)) {
            throw new IllegalArgumentException("fd: " + fd
                    + ", of an ordinary file, which is always ready (expected: a socket, pipe or the like)");
        }
        UringPoll registered = new UringPoll((IoEventLoop) loop, fd, events, trigger, handler);
        registered.begin((IoEventLoop) loop);
        return registered;
    }

    private static void checkEvents(int events) {
        if (events == 0 || (events & ~ALL) != 0) {
            throw new IllegalArgumentException(
                    "events: 0x" + Integer.toHexString(events) + " (expected: one or more of the POLL* constants)");
        }
    }

    private void begin(IoEventLoop loop) {
        try {
            loop.register(new Handle()).addListener((Future<IoRegistration> future) -> {
                if (!future.isSuccess()) {
                    closing = true;
                    closed.tryFailure(future.cause());
                    return;
                }
                registration = future.getNow();
                ioHandler = registration.attachment();
                if (closing) {
                    end();
                } else {
                    arm();
                }
            });
        } catch (RejectedExecutionException loopHasEnded) {
            closing = true;
            closed.tryFailure(loopHasEnded);
        }
    }

    /** The descriptor. */
    public int fd() {
        return fd;
    }

    /** The events that are told. */
    public int events() {
        return events;
    }

    /** Whether it polls, or will. */
    public boolean isOpen() {
        return !closing;
    }

    /**
     * Changes which events are told; those that hold are told once more, also with {@link Trigger#EDGE}. Any thread. Does nothing
     * after the end.
     *
     * @throws IllegalArgumentException if there are none, or one is none of the constants
     */
    public UringPoll modify(int events) {
        checkEvents(events);
        this.events = events;
        onLoop(() -> {
            if (poll.isInFlight()) {
                ioHandler.ring().cancel(poll); // which arms it anew
            }
        });
        return this;
    }

    /** Ends polling. No call of the handler begins after {@link #closeFuture()} is done, or after this on the loop. Any thread. */
    @Override
    public void close() {
        closing = true;
        onLoop(this::end);
    }

    /** The same; gives the {@link #closeFuture()}. */
    public Future<Void> cancel() {
        close();
        return closeFuture();
    }

    /** Done when the kernel has let go of the descriptor. Fails if polling ended otherwise than by closing or the loop's end. */
    public Future<Void> closeFuture() {
        return closed;
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException loopHasEnded) {
            // and with it this
        }
    }

    private void arm() {
        if (!closing && registration != null && !poll.isInFlight()) {
            registration.submit(poll);
        }
    }

    private void end() {
        closing = true;
        IoRegistration ending = registration;
        if (ending != null) {
            registration = null;
            ioHandler.ring().cancel(poll);
            ending.cancel(); // tells the handle when the poll is over
        }
    }

    private void fail(IOException cause) {
        failure = cause;
        end();
    }

    @Override
    public String toString() {
        return "poll of fd " + fd;
    }

    /** What the loop has of it: ends with the loop. */
    private final class Handle implements UringIoHandle {
        @Override
        public void close() {
            end();
        }

        @Override
        public void unregistered() {
            if (failure == null) {
                closed.trySuccess(null);
            } else {
                closed.tryFailure(failure);
            }
        }
    }

    /** POLL, for many completions or for one. */
    private final class Poll extends Operation {
        /**
         * What holds is not asked for: the kernel tells of a peer that has closed its output unasked, and at once each time
         * that it is asked anew.
         */
        private boolean onlyUnasked;

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_POLL_ADD, fd)
                    .len(trigger == Trigger.EDGE || onlyUnasked ? Abi.IORING_POLL_ADD_MULTI : 0)
                    .operationFlags(events);
        }

        /** A multishot poll may end at any time, since the completion queue is full for one: then it is armed anew. */
        @Override
        protected void complete(int result, int flags, boolean last) {
            try {
                int told = result < 0 ? 0 : result & (events | ALWAYS_TOLD);
                onlyUnasked = told == 0 && (result > 0 || onlyUnasked);
                if (told != 0 && !closing) {
                    handler.ready(UringPoll.this, told);
                }
            } catch (Exception e) {
                throw new IllegalStateException("the handler of the " + UringPoll.this + " threw", e); // is logged
            } finally {
                if (last) {
                    over(result);
                } else if (trigger == Trigger.LEVEL && !onlyUnasked) {
                    ioHandler.ring().cancel(this); // which arms it anew
                }
            }
        }

        private void over(int result) {
            if (result < 0 && !Errno.isTransient(-result) && !closing) {
                fail(Errno.newIOException("poll of fd " + fd, result));
            } else {
                arm();
            }
        }

        @Override
        public String toString() {
            return "POLL of fd " + fd;
        }
    }
}
