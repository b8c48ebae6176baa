// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketShutdownOutputBySelfTest;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/** One of its tests is disabled upstream: it reads past the end of its own buffer, on every transport. */
@ExtendWith(TransportInvariants.class)
class UringSocketShutdownOutputBySelfTest extends SocketShutdownOutputBySelfTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return Combinations.clientSocket();
    }
}
