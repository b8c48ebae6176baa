// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketBufReleaseTest;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class UringSocketBufReleaseTest extends SocketBufReleaseTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Combinations.socketWithoutZeroCopy();
    }
}
