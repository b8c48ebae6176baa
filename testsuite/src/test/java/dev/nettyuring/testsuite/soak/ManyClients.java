// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.Pattern;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The clients of {@link ManyConnections}, {@code PORT CONNECTIONS}, on one loop as well; they close when their input ends. */
public final class ManyClients {
    /** Printed when all connections are open and have got back what they sent. */
    static final String DONE = "echoed";

    private static final int SOURCES = 8;
    private static final int CONNECTING = 500;
    private static final int MESSAGES = 3;
    private static final int MAX_BYTES = 1500;
    private static final int LIMIT_SECONDS = 300;

    private ManyClients() {}

    /** The process. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int connections = Integer.parseInt(arguments[1]);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        Semaphore connecting = new Semaphore(CONNECTING);
        CountDownLatch echoed = new CountDownLatch(connections);
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            connecting.acquire();
            Client client = new Client(i, echoed, faults);
            channels.add(new Bootstrap()
                    .group(loop)
                    .channel(UringSocketChannel.class)
                    .handler(client)
                    .connect(
                            new InetSocketAddress("127.0.0.1", port),
                            new InetSocketAddress("127.0.0." + (1 + i % SOURCES), 0))
                    .addListener(connected -> {
                        connecting.release();
                        if (!connected.isSuccess()) {
                            client.fault(connected.cause().toString());
                        }
                    })
                    .channel());
        }
        boolean inTime = echoed.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!inTime || !faults.isEmpty()) {
            System.err.println(echoed.getCount() + " connections wait for their echo; " + faults.size()
                    + " faults, one is " + faults.peek());
            System.exit(1);
        }
        System.out.print(DONE);
        System.out.flush();
        System.in.readAllBytes();
        for (Channel channel : channels) {
            channel.close();
        }
        loop.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    private static final class Client extends ChannelInboundHandlerAdapter {
        private final int number;
        private final CountDownLatch echoed;
        private final Queue<String> faults;
        private int message;
        private int received;

        Client(int number, CountDownLatch echoed, Queue<String> faults) {
            this.number = number;
            this.echoed = echoed;
            this.faults = faults;
        }

        void fault(String what) {
            faults.add("connection " + number + ": " + what);
            echoed.countDown();
        }

        private int length() {
            return 1 + (number * 31 + message * 17) % MAX_BYTES;
        }

        private long offset() {
            return number * 7L + message * 1009L;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            context.writeAndFlush(Pattern.fill(context.alloc().directBuffer(length()), offset(), length()));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object piece) {
            ByteBuf bytes = (ByteBuf) piece;
            int arrived = bytes.readableBytes();
            if (received + arrived > length() || !Pattern.matches(bytes, offset() + received)) {
                fault("wrong bytes");
            }
            bytes.release();
            received += arrived;
            if (received == length()) {
                received = 0;
                if (++message < MESSAGES) {
                    send(context);
                } else {
                    echoed.countDown();
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fault(cause.toString());
        }
    }
}
