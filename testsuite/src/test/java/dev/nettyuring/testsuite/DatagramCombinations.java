// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import dev.nettyuring.channel.UringDatagramChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import java.util.List;

/** What Netty's tests of datagrams run on: io_uring at both ends, and at either end with NIO at the other. */
public final class DatagramCombinations {
    private DatagramCombinations() {}

    /** Two channels of one family. */
    public static List<BootstrapComboFactory<Bootstrap, Bootstrap>> datagram(SocketProtocolFamily family) {
        return List.of(
                combo(() -> uring(family), () -> uring(family)),
                combo(() -> nio(family), () -> uring(family)),
                combo(() -> uring(family), () -> nio(family)));
    }

    /** One channel, of whichever family it chooses. */
    public static List<BootstrapFactory<Bootstrap>> datagramSocket() {
        return List.of(
                () -> new Bootstrap().group(TransportInvariants.loops().uring()).channel(UringDatagramChannel.class));
    }

    private static Bootstrap uring(SocketProtocolFamily family) {
        return new Bootstrap()
                .group(TransportInvariants.loops().uring())
                .channelFactory(() -> new UringDatagramChannel(family));
    }

    private static Bootstrap nio(SocketProtocolFamily family) {
        return new Bootstrap()
                .group(TransportInvariants.loops().nio())
                .channelFactory(() -> new NioDatagramChannel(family));
    }

    private static BootstrapComboFactory<Bootstrap, Bootstrap> combo(
            BootstrapFactory<Bootstrap> first, BootstrapFactory<Bootstrap> second) {
        return new BootstrapComboFactory<>() {
            @Override
            public Bootstrap newServerInstance() {
                return first.newInstance();
            }

            @Override
            public Bootstrap newClientInstance() {
                return second.newInstance();
            }
        };
    }
}
