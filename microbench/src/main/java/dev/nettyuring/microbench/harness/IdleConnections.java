// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;

/** Connections that make one request each, and nothing more. */
record IdleConnections(int connections) implements Load {
    private static final int WARM_CONNECTIONS = 64;

    /** What there is in any case: a server that was used by few. */
    @Override
    public Outcome run(Site site, ServerProcess server, double seconds) throws IOException, InterruptedException {
        return Loads.bodies(WARM_CONNECTIONS).run(site, server, seconds);
    }
}
