// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.channel.Channel;

/** What a {@link BenchServer} serves. */
interface Service {
    /** Serves. Returns the channel that listens. */
    Channel start(Setup setup) throws Exception;

    /** Does what the load is to do, where that runs on the same event loop. Returns the line that tells how it went. */
    default String run(int connections, double seconds) throws Exception {
        throw new UnsupportedOperationException("its load comes from outside");
    }
}
