// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** Which addresses may stand for each other. */
class SocketAddressesTest {
    private static final int PORT = 80;

    private static InetSocketAddress linkLocal(int scopeId) throws UnknownHostException {
        byte[] ip = InetAddress.getByName("fe80::1").getAddress();
        return new InetSocketAddress(Inet6Address.getByAddress(null, ip, scopeId), PORT);
    }

    @Test
    void equalAddressesAreTheSame() throws UnknownHostException {
        assertThat(SocketAddresses.areSame(
                        new InetSocketAddress("127.0.0.1", PORT), new InetSocketAddress("127.0.0.1", PORT)))
                .isTrue();
        assertThat(SocketAddresses.areSame(linkLocal(1), linkLocal(1))).isTrue();
        assertThat(SocketAddresses.areSame(null, null)).isTrue();
    }

    @Test
    void addressesOfTwoLinksAreNot() throws UnknownHostException {
        assertThat(linkLocal(1)).isEqualTo(linkLocal(2)); // to the JDK
        assertThat(SocketAddresses.areSame(linkLocal(1), linkLocal(2))).isFalse();
    }

    @Test
    void othersAreNot() throws UnknownHostException {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", PORT);
        assertThat(SocketAddresses.areSame(address, null)).isFalse();
        assertThat(SocketAddresses.areSame(null, address)).isFalse();
        assertThat(SocketAddresses.areSame(address, new InetSocketAddress("127.0.0.1", PORT + 1)))
                .isFalse();
        assertThat(SocketAddresses.areSame(address, linkLocal(1))).isFalse();
    }
}
