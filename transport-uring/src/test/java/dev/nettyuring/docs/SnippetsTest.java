// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** The code in the manuals is that of {@link Snippets}, which compiles, and does what the manuals say. */
class SnippetsTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/nettyuring/docs/Snippets.java");
    private static final Pattern IN_SOURCE =
            Pattern.compile("^ *// snippet: (\\S+)\n(.*?)^ *// end$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern IN_MANUAL =
            Pattern.compile("^<!-- snippet: (\\S+) -->\n```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final String MARK = "<!-- snippet: ";
    private static final long LIMIT_SECONDS = 60;

    private final List<EventLoopGroup> groups = new ArrayList<>();

    @AfterEach
    void endLoops() {
        groups.forEach(group -> group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS));
        groups.forEach(
                group -> assertThat(group.terminationFuture().awaitUninterruptibly(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .isTrue());
    }

    private <G extends EventLoopGroup> G ended(G group) {
        groups.add(group);
        return group;
    }

    private static Map<String, String> find(Pattern pattern, Path file) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        Matcher matcher = pattern.matcher(Files.readString(file));
        while (matcher.find()) {
            found.put(matcher.group(1), matcher.group(2).stripTrailing().stripIndent());
        }
        return found;
    }

    @Test
    void theManualsHaveTheSameLines() throws IOException {
        Map<String, String> compiled = find(IN_SOURCE, SOURCE);
        Map<String, String> unused = new LinkedHashMap<>(compiled);
        for (Path manual : Manuals.all()) {
            Map<String, String> printed = find(IN_MANUAL, manual);
            int marks = Files.readString(manual).split(Pattern.quote(MARK), -1).length - 1;
            assertThat(printed)
                    .as("blocks of Java below the marks in %s", manual)
                    .hasSize(marks);
            printed.forEach((name, lines) ->
                    assertThat(lines).as("%s in %s", name, manual).isEqualTo(compiled.get(name)));
            unused.keySet().removeAll(printed.keySet());
        }
        assertThat(unused).as("snippets that no manual has").isEmpty();
    }

    /** Sends back what it gets. */
    private static final class Echo extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ctx.writeAndFlush(message);
                }
            });
        }
    }

    private static Channel bind(ServerBootstrap bootstrap) {
        return bootstrap
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
    }

    private void answers(SocketAddress server, EventLoopGroup group) throws InterruptedException {
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        Bootstrap client = Snippets.client(group, new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
                answers.add(message.toString(StandardCharsets.US_ASCII));
            }
        });
        Channel channel = client.connect(server).syncUninterruptibly().channel();
        channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
        assertThat(answers.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
        channel.close().syncUninterruptibly();
    }

    @Test
    void twoLinesMakeAServer() throws InterruptedException {
        ServerBootstrap bootstrap = Snippets.twoLines(new Echo());
        EventLoopGroup group = ended(bootstrap.config().group());
        answers(bind(bootstrap).localAddress(), group);
    }

    @Test
    void theBestTransportMakesAServer() throws InterruptedException {
        ServerBootstrap bootstrap = Snippets.best(new Echo());
        ended(bootstrap.config().group());
        EventLoopGroup group = ended(new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory()));
        answers(bind(bootstrap).localAddress(), group);
    }

    @Test
    @DisabledIfSystemProperty(
            named = "dev.nettyuring.receiveMemoryLimit",
            matches = "\\d+",
            disabledReason = "the configuration in the manual needs more")
    void aConfigurationAndOptionsMakeAServer() throws InterruptedException {
        EventLoopGroup group = ended(Snippets.configuration());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new Echo());
        answers(bind(Snippets.options(bootstrap)).localAddress(), group);
        Snippets.print(group);
    }

    @Test
    void whoKeepsBuffersLetsGoOfThemAtTheLimit() throws InterruptedException {
        UringConfig little = UringConfig.builder()
                .receiveBufferSize(1 << 10)
                .receiveBuffers(2)
                .receiveMemoryLimit(2 << 10)
                .build();
        EventLoopGroup group = ended(new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(little)));
        AtomicLong received = new AtomicLong();
        Channel server = bind(new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object message) {
                                received.addAndGet(((ByteBuf) message).readableBytes());
                                ctx.fireChannelRead(message);
                            }
                        });
                        channel.pipeline().addLast(new Snippets.Keeper());
                    }
                }));
        Channel client = Snippets.client(group, new ChannelInboundHandlerAdapter())
                .connect(server.localAddress())
                .syncUninterruptibly()
                .channel();
        int bytes = 64 << 10;
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[bytes]));
        await().atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> received.get() == bytes);
    }

    @Test
    void aCopyKeepsNoReceiveBuffer() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        ByteBuf received = Unpooled.directBuffer().writeInt(7);
        ByteBuf kept = Snippets.keepCopy(channel.pipeline().firstContext(), received);
        assertThat(received.refCnt()).isZero();
        assertThat(kept.readInt()).isEqualTo(7);
        kept.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void buffersOfOnesOwnAreReadIntoAndWrittenFrom() throws InterruptedException {
        EventLoopGroup group = ended(new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory()));
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void handlerAdded(ChannelHandlerContext ctx) {
                        ctx.channel().config().setAutoRead(false);
                    }

                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        Snippets.ownBuffers((UringSocketChannel) ctx.channel());
                    }
                });
        answers(bind(bootstrap).localAddress(), group);
    }
}
