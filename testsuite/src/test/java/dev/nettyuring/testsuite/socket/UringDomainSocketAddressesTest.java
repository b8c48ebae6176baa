// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.SocketFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketAddressesTest;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class UringDomainSocketAddressesTest extends SocketAddressesTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Combinations.domainSocketOfOurs();
    }

    @Override
    protected void assertAddress(SocketAddress address) {
        assertThat(((DomainSocketAddress) address).path()).isNotNull();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return SocketFiles.newAddress();
    }
}
