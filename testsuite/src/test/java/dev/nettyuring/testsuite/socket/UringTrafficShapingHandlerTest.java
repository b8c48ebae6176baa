// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.Combinations;
import dev.nettyuring.testsuite.ReceiveMemoryNeeded;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.TrafficShapingHandlerTest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server's handler takes messages of 1 KiB, and expects to read them whole. */
@Tag("alone")
@ReceiveMemoryNeeded(bytes = 1 << 20, aRead = 64 << 10)
@ExtendWith(TransportInvariants.class)
class UringTrafficShapingHandlerTest extends TrafficShapingHandlerTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Combinations.socket();
    }
}
