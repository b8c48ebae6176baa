// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.ReceiveMemoryNeeded;
import dev.nettyuring.testsuite.SocketFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketStartTlsTest;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/** netty-tcnative's handlers keep the pieces of a record of TLS until it is whole. */
@ReceiveMemoryNeeded(bytes = 256 << 10)
@ExtendWith(TransportInvariants.class)
class UringDomainSocketStartTlsTest extends SocketStartTlsTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Combinations.domainSocket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return SocketFiles.newAddress();
    }
}
