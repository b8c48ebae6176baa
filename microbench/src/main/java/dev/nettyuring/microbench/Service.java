// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import java.net.SocketAddress;

/** What a {@link BenchServer} serves. */
interface Service {
    /** Serves. Returns where it listens. */
    SocketAddress start(Setup setup) throws Exception;

    /** Does what the load is to do, where that runs on the same event loop. Returns the line that tells how it went. */
    default String run(int connections, double seconds) throws Exception {
        throw new UnsupportedOperationException("its load comes from outside");
    }
}
