// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's DNS resolver on io_uring, over UDP and TCP, with a server that knows a few names. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class DnsInteropTest {
    private static final int LIMIT_SECONDS = 30;
    private static final int TIME_TO_LIVE_SECONDS = 60;
    private static final int MANY = 1000;
    /** A port that is free for TCP, of which nearly all can be in use, is seldom another's for UDP. */
    private static final int PORTS_TRIED = 10;
    /** Names that begin so have one address, 10.0 and the number behind it. */
    private static final String HOST = "host";
    /** More addresses than fit into a datagram of DNS. */
    private static final String LARGE = "large.example.";

    private final AtomicInteger overTcp = new AtomicInteger();

    @Test
    void namesAreResolvedOverUdpAndLargeAnswersOverTcp() throws Exception {
        try (UringLoops loops = new UringLoops(2, 1 << 20)) {
            List<Channel> servers = bind(loops);
            try (DnsNameResolver resolver = resolver(
                    loops.group().next(), (InetSocketAddress) servers.get(0).localAddress())) {
                resolvesMany(resolver);
                List<InetAddress> large = get(resolver.resolveAll(LARGE));
                assertThat(large).hasSize(MANY).contains(address(0), address(MANY - 1));
                assertThat(overTcp).hasValue(1);
                Future<InetAddress> unknown = resolver.resolve("nothing.example.");
                assertThat(unknown.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                assertThat(unknown.cause()).isInstanceOf(UnknownHostException.class);
            }
            for (Channel server : servers) {
                server.close().sync();
            }
        }
    }

    /** Binds both servers to one port. */
    private List<Channel> bind(UringLoops loops) throws InterruptedException {
        for (int tried = 1; ; tried++) {
            Channel tcp = tcpServer(loops).bind(NetUtil.LOCALHOST4, 0).sync().channel();
            ChannelFuture udp = udpServer(loops).bind(tcp.localAddress()).await();
            if (udp.isSuccess() || tried == PORTS_TRIED) {
                return List.of(tcp, udp.sync().channel());
            }
            tcp.close().sync();
        }
    }

    private ServerBootstrap tcpServer(UringLoops loops) {
        return new ServerBootstrap()
                .group(loops.group())
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new TcpServer());
                    }
                });
    }

    private static Bootstrap udpServer(UringLoops loops) {
        return new Bootstrap()
                .group(loops.group())
                .channel(UringDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new UdpServer());
                    }
                });
    }

    private static DnsNameResolver resolver(EventLoop loop, InetSocketAddress server) {
        return new DnsNameResolverBuilder(loop)
                .datagramChannelType(UringDatagramChannel.class)
                .socketChannelType(UringSocketChannel.class)
                .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server))
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
                .queryTimeoutMillis(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS))
                .ndots(1)
                .build();
    }

    private static void resolvesMany(DnsNameResolver resolver) throws Exception {
        List<Future<InetAddress>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            asked.add(resolver.resolve(HOST + i + ".example."));
        }
        for (int i = 0; i < asked.size(); i++) {
            assertThat(get(asked.get(i))).isEqualTo(address(i));
        }
    }

    private static <T> T get(Future<T> future) throws Exception {
        assertThat(future.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return future.get();
    }

    private static InetAddress address(int number) throws UnknownHostException {
        return InetAddress.getByAddress(bytes(number));
    }

    private static byte[] bytes(int number) {
        return new byte[] {10, 0, (byte) (number >> Byte.SIZE), (byte) number};
    }

    /** Answers a question, with nothing if the name is not known. */
    private static <R extends DnsResponse> R answer(DnsQuery query, R response, boolean whole) {
        DnsQuestion question = query.recordAt(DnsSection.QUESTION);
        response.addRecord(
                DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type(), question.dnsClass()));
        String name = question.name();
        if (name.startsWith(HOST)) {
            addAddress(response, name, Integer.parseInt(name.substring(HOST.length(), name.indexOf('.'))));
        } else if (name.equals(LARGE) && whole) {
            for (int i = 0; i < MANY; i++) {
                addAddress(response, name, i);
            }
        } else if (name.equals(LARGE)) {
            response.setTruncated(true);
        }
        return response;
    }

    private static void addAddress(DnsResponse response, String name, int number) {
        response.addRecord(
                DnsSection.ANSWER,
                new DefaultDnsRawRecord(
                        name, DnsRecordType.A, TIME_TO_LIVE_SECONDS, Unpooled.wrappedBuffer(bytes(number))));
    }

    private static final class UdpServer extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            context.writeAndFlush(answer(query, response, false));
        }
    }

    private final class TcpServer extends SimpleChannelInboundHandler<DnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DnsQuery query) {
            overTcp.incrementAndGet();
            context.writeAndFlush(answer(query, new DefaultDnsResponse(query.id()), true));
        }
    }
}
