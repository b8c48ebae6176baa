// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;

/** Descriptors that are passed: each arrives once, in its order. They are eventfds, whose value says which is which. */
final class Descriptors implements Piece {
    private static final int MAX_PAIRS = 3;
    private static final int MAX_PASSED = 40;

    private final Site site;
    private final Random random;
    private final List<Passing> passings = new ArrayList<>();

    Descriptors(Site site, Random random) {
        this.site = site;
        this.random = random;
    }

    @Override
    public void begin() throws Exception {
        for (Pair pair : Pair.open(site, 1 + random.nextInt(MAX_PAIRS), true, random)) {
            passings.add(new Passing(pair, new Random(random.nextLong())));
        }
    }

    @Override
    public void start() {
        passings.forEach(Passing::start);
    }

    @Override
    public boolean isOver() {
        return passings.stream().allMatch(passing -> passing.pair.isClosed());
    }

    @Override
    public void check(List<String> wrong) {
        if (!site.loopsMayEnd) {
            passings.forEach(passing -> passing.check(wrong));
        }
    }

    @Override
    public String toString() {
        return passings.size() + " passings of descriptors "
                + passings.stream().filter(passing -> !passing.pair.isClosed()).toList();
    }

    private final class Passing extends ChannelInboundHandlerAdapter {
        private final Pair pair;
        private final Random random;
        private final int toPass;
        private final ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        private int passed;
        private volatile int received;
        private volatile boolean ended;
        private volatile Throwable failure;

        Passing(Pair pair, Random random) {
            this.pair = pair;
            this.random = random;
            toPass = random.nextInt(MAX_PASSED);
        }

        void start() {
            ((UringDomainSocketChannel) pair.accepted).config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
            pair.accepted.pipeline().addLast(this);
            // one that fails after all has come is seen by nobody else: the client has shut down its output, and may
            // stay
            pair.accepted.closeFuture().addListener(closed -> pair.close());
            pair.accepted.config().setAutoRead(true);
            site.soon(random, this::pass);
        }

        private void pass() {
            if (!pair.client.isOpen()) {
                return;
            }
            if (passed == toPass) {
                site.asked("shutdownOutput after descriptors", pair.client.shutdownOutput())
                        .addListener(done -> {
                            if (!done.isSuccess()) {
                                fail(done.cause());
                            }
                        });
                return;
            }
            int fd = Native.eventfd(++passed, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
            site.asked("descriptor", pair.client.writeAndFlush(new FileDescriptor(fd)))
                    .addListener(done -> {
                        if (!done.isSuccess()) {
                            fail(done.cause());
                        } else if (random.nextBoolean()) {
                            site.soon(random, this::pass);
                        } else {
                            pass();
                        }
                    });
            closeOnceWritten(fd);
        }

        private void closeOnceWritten(int fd) {
            try {
                pair.client.eventLoop().execute(() -> Native.close(fd));
            } catch (RejectedExecutionException loopHasEnded) {
                Native.close(fd);
            }
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // the loop alone writes it
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            FileDescriptor descriptor = (FileDescriptor) message;
            long result = Native.read(descriptor.intValue(), Native.directBufferAddress(value), Long.BYTES);
            received++;
            if (result != Long.BYTES || value.getLong(0) != received) {
                site.fault(this + ": another descriptor came: " + result + ", " + value.getLong(0));
            }
            descriptor.close();
            if (random.nextInt(8) == 0) {
                context.channel().config().setAutoRead(false);
                site.soon(random, () -> context.channel().config().setAutoRead(true));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ended = true;
                pair.close();
            }
        }

        private void fail(Throwable cause) {
            failure = cause;
            pair.close();
        }

        void check(List<String> wrong) {
            Throwable cause = Pair.firstFailure(failure, pair.failure());
            if (cause != null) {
                site.failed(this, cause);
            } else if (!ended || received != toPass) {
                wrong.add(this + ": neither side failed, but not all came");
            }
        }

        @Override
        public String toString() {
            return "passing (" + passed + " of " + toPass + " passed, " + received + " received"
                    + (ended ? ", end seen" : "") + ", " + pair.client + ", " + pair.accepted
                    + (failure == null ? "" : ", " + failure) + ')';
        }
    }
}
