// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Thousands of idle connections take little, since each has the objects that it uses and no others. */
@ExtendWith(TransportInvariants.class)
class IdleConnectionTest {
    private static final int CONNECTIONS = 100;

    /** Of a channel's class in the JVM's histogram: its number, how many instances, how many bytes, its name. */
    private static final Pattern LINE =
            Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+dev\\.nettyuring\\.channel\\.(\\S+).*");

    /** What a connection has that was accepted, reads, and has answered. */
    private static final Set<String> NEEDED = Set.of(
            "UringSocketChannel",
            "UringSocketChannelConfig",
            "UringStreamChannel$StreamUnsafe",
            "SocketFd",
            "Registrations$Registration",
            "StreamReceiver",
            "ReceiveOperations",
            "ProvidedReceive",
            "PeerClosePoll",
            "StreamSender",
            "WholePieces",
            "WholePieces$PiecesHandle");

    /** And without incremental rings of buffers, without any, and with zero copy for everything. */
    private static final Set<String> IN_OTHER_CONFIGURATIONS =
            Set.of("GroupChoice", "AllocatedReceive", "ZeroCopyChoice");

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    @Test
    void itConsistsOfWhatItUses() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(Echo::new)) {
            Map<String, Integer> before = liveObjects();
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket client = tcp.connect();
                clients.add(client);
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i);
            }
            Map<String, Integer> after = liveObjects();
            Set<String> ofEach = after.keySet().stream()
                    .filter(type -> after.get(type) - before.getOrDefault(type, 0) >= CONNECTIONS)
                    .collect(Collectors.toSet());
            assertThat(ofEach).containsAll(NEEDED);
            ofEach.removeAll(NEEDED);
            assertThat(IN_OTHER_CONFIGURATIONS).containsAll(ofEach);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** The channels', by class, after a garbage collection. */
    private static Map<String, Integer> liveObjects() throws JMException {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Integer> objects = new HashMap<>();
        histogram
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .forEach(line -> objects.merge(line.group(2), Integer.parseInt(line.group(1)), Integer::sum));
        return objects;
    }
}
