// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;

/** Random bytes go to a server and come back, over two connections. */
final class Echo extends LoopScenario {
    static final String INTO_ALLOCATED_MEMORY = " into allocated memory";
    private static final int CONNECTIONS = 2;
    private static final int BYTES = 256 << 10;
    private static final int BYTES_AT_ONCE = 16 << 10;

    private final byte[] bytes = random(BYTES);

    @ChannelHandler.Sharable
    static final class Server extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    /** Sends some bytes, compares what comes back, and sends the next. */
    static final class Client extends SimpleChannelInboundHandler<ByteBuf> {
        final Promise<Void> done = ImmediateEventExecutor.INSTANCE.newPromise();
        private final byte[] bytes;
        private int received;

        Client(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            ByteBuf piece = context.alloc().directBuffer(BYTES_AT_ONCE);
            context.writeAndFlush(piece.writeBytes(bytes, received, BYTES_AT_ONCE))
                    .addListener(written -> {
                        if (!written.isSuccess()) {
                            done.tryFailure(written.cause());
                        }
                    });
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            received += Sink.checked(message, bytes, received, done);
            if (received == bytes.length) {
                done.trySuccess(null);
            } else if (received % BYTES_AT_ONCE == 0) {
                send(context);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            done.tryFailure(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            done.tryFailure(new IllegalStateException("closed after " + received + " bytes"));
        }
    }

    @Override
    String use() throws Exception {
        long allocated = metrics().allocatedReceives();
        Channel server = serve(Server::new);
        Client[] clients = new Client[CONNECTIONS];
        for (int i = 0; i < CONNECTIONS; i++) {
            clients[i] = new Client(bytes);
            connect(server, clients[i]);
        }
        for (Client client : clients) {
            await(client.done);
        }
        return "every byte came back" + (metrics().allocatedReceives() > allocated ? INTO_ALLOCATED_MEMORY : "");
    }
}
