// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Addresses are read as they are, however many there are, and written as they were read. */
class PeerAddressesTest {
    private static final int AT = 12;

    private final ByteBuffer memory = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder());

    @Provide
    Arbitrary<InetSocketAddress> peers() {
        Arbitrary<byte[]> ipv4 = Arbitraries.bytes().array(byte[].class).ofSize(4);
        Arbitrary<byte[]> ipv6 = Arbitraries.bytes().array(byte[].class).ofSize(16);
        return Combinators.combine(
                        Arbitraries.oneOf(ipv4, ipv6),
                        Arbitraries.integers().between(1, 65_535),
                        Arbitraries.integers().between(0, 3))
                .as(PeerAddressesTest::peer)
                .filter(peer -> !peer.getAddress().isAnyLocalAddress()); // IPv4's is written as IPv6's
    }

    private static InetSocketAddress peer(byte[] ip, int port, int scopeId) {
        try {
            InetAddress address = scopeId > 0 && ip.length == 16
                    ? Inet6Address.getByAddress(null, ip, scopeId)
                    : InetAddress.getByAddress(ip);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** As the kernel has it for a socket of a family. */
    private InetSocketAddress read(PeerAddresses addresses, InetSocketAddress peer, boolean ipv6) {
        int length = SocketAddresses.write(memory.slice(AT, 40).order(memory.order()), peer, ipv6);
        return addresses.read(memory, AT, length);
    }

    @Property(tries = 50)
    void eachIsReadAsItIs(@ForAll @Size(min = 1, max = 2000) List<@From("peers") InetSocketAddress> peers) {
        PeerAddresses addresses = new PeerAddresses();
        for (InetSocketAddress peer : peers) {
            assertThat(read(addresses, peer, true)).isEqualTo(peer);
        }
    }

    @Property(tries = 200)
    void eachIsWrittenAsItWasRead(@ForAll("peers") InetSocketAddress peer) {
        PeerAddress read = (PeerAddress) read(new PeerAddresses(), peer, true);
        ByteBuffer written = ByteBuffer.allocate(PeerAddress.ROOM).order(ByteOrder.nativeOrder());
        int length = read.write(written);
        assertThat(read.isIpv6()).isTrue();
        assertThat(written.limit(length)).isEqualTo(memory.slice(AT, length));
    }

    @Example
    void onesThatCameBeforeAreTheSameObjects() {
        PeerAddresses addresses = new PeerAddresses();
        InetSocketAddress peer = new InetSocketAddress("127.0.0.1", 4711);
        InetSocketAddress first = read(addresses, peer, false);
        assertThat(read(addresses, peer, false)).isSameAs(first);
        assertThat(((PeerAddress) first).isIpv6()).isFalse();
        int kept = 0;
        for (int round = 0; round < 2; round++) {
            for (int port = 1; port <= 100; port++) {
                InetSocketAddress other = read(addresses, new InetSocketAddress("127.0.0.1", port), false);
                kept += other == read(addresses, new InetSocketAddress("127.0.0.1", port), false) ? 1 : 0;
            }
        }
        assertThat(kept).isEqualTo(200);
    }

    @Example
    void anAddressThatIsSerializedIsAnOrdinaryOne() throws Exception {
        InetSocketAddress peer = read(new PeerAddresses(), new InetSocketAddress("127.0.0.1", 4711), true);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(peer);
        }
        Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertThat(copy).isExactlyInstanceOf(InetSocketAddress.class).isEqualTo(peer);
    }
}
