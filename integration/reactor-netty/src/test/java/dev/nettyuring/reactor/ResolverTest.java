// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import static dev.nettyuring.reactor.OwnLoops.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringDatagramChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** Netty's DNS resolver, as a client of Reactor Netty uses it. */
@ExtendWith(OwnLoops.class)
class ResolverTest {
    private static final String NAME = "service.example.";
    private static final int TIME_TO_LIVE_SECONDS = 60;

    @Test
    void aClientResolvesNamesOnItsLoops(UringLoopResources loops) throws Exception {
        Channel dns = new Bootstrap()
                .group(loops.onServer(true))
                .channel(UringDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new NameServer());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
        DisposableServer server = HttpServer.create()
                .runOn(loops)
                .bindAddress(() -> new InetSocketAddress("127.0.0.1", 0))
                .handle((request, response) -> response.sendString(Mono.just("found")))
                .bindNow(LIMIT);

        Recorder recorder = new Recorder(loops);
        String answer = HttpClient.newConnection()
                .runOn(recorder)
                .resolver(spec -> spec.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
                        .queryTimeout(LIMIT)
                        .dnsAddressResolverGroupProvider(builder -> new DnsAddressResolverGroup(
                                builder.nameServerProvider(new SingletonDnsServerAddressStreamProvider(
                                        (InetSocketAddress) dns.localAddress())))))
                .get()
                .uri("http://" + NAME + ':' + server.port() + '/')
                .responseContent()
                .aggregate()
                .asString()
                .block(LIMIT);

        assertThat(answer).isEqualTo("found");
        assertThat(recorder.created).contains(UringDatagramChannel.class);
        server.disposeNow(LIMIT);
        dns.close().sync();
    }

    /** Says what channels were made. */
    private static final class Recorder implements LoopResources {
        private final UringLoopResources loops;
        final Queue<Class<?>> created = new ConcurrentLinkedQueue<>();

        Recorder(UringLoopResources loops) {
            this.loops = loops;
        }

        @Override
        public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
            C channel = loops.onChannel(channelType, group);
            created.add(channel.getClass());
            return channel;
        }

        @Override
        public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup group) {
            return loops.onChannelClass(channelType, group);
        }

        @Override
        public EventLoopGroup onClient(boolean preferNative) {
            return loops.onClient(preferNative);
        }

        @Override
        public EventLoopGroup onServer(boolean preferNative) {
            return loops.onServer(preferNative);
        }
    }

    /** Knows that the one name is this machine's. */
    private static final class NameServer extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            response.addRecord(DnsSection.QUESTION, question);
            if (question.name().equals(NAME)) {
                response.addRecord(
                        DnsSection.ANSWER,
                        new DefaultDnsRawRecord(
                                NAME, DnsRecordType.A, TIME_TO_LIVE_SECONDS, Unpooled.wrappedBuffer(new byte[] {
                                    127, 0, 0, 1
                                })));
            }
            context.writeAndFlush(response);
        }
    }
}
