// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Taking in what the kernel says throws, as it may when the heap is full. */
@ExtendWith(TransportInvariants.class)
class ThrowingCompletionTest {
    private static final int LIMIT_SECONDS = 20;
    /** Which warns of it, as it should. */
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(Registrations.class);

    @BeforeEach
    void expectTheWarning() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterEach
    void expectNoWarning() {
        LOGGER.setLevel(null);
    }

    @Test
    void aStreamOfWhichSomethingMayBeMissingEnds() throws Exception {
        OutOfMemoryError cause = new OutOfMemoryError("the test's");
        Promise<Throwable> caught = ImmediateEventExecutor.INSTANCE.newPromise();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            UringSocketChannel channel = (UringSocketChannel) new Bootstrap()
                    .group(TransportInvariants.loops().uring())
                    .channel(UringSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
                            caught.trySuccess(thrown);
                        }
                    })
                    .connect(server.getLocalSocketAddress())
                    .sync()
                    .channel();
            channel.eventLoop().execute(() -> channel.submit(new Throwing(cause)));
            assertThat(caught.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isSameAs(cause);
            assertThat(channel.closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    private static final class Throwing extends Operation {
        private final Error cause;

        Throwing(Error cause) {
            this.cause = cause;
        }

        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_NOP, -1);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            throw cause;
        }
    }
}
