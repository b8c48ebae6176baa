// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.DatagramCombinations;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.DatagramConnectNotExistsTest;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class UringDatagramConnectNotExistsTest extends DatagramConnectNotExistsTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return DatagramCombinations.datagramSocket();
    }
}
