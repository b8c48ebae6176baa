// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.socket;

import dev.nettyuring.testsuite.DatagramCombinations;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.DatagramUnicastInetTest;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class UringDatagramUnicastInetTest extends DatagramUnicastInetTest {
    @Override
    protected List<BootstrapComboFactory<Bootstrap, Bootstrap>> newFactories() {
        return DatagramCombinations.datagram(socketInternetProtocalFamily());
    }
}
