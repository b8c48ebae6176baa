// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.util.Map;

/** What uses a server for some seconds. */
interface Load {
    /**
     * How it went.
     *
     * @param latencies percentiles, as far as known
     */
    record Outcome(double responses, double seconds, Map<Metric, Double> latencies) {}

    /**
     * Uses it.
     *
     * @throws IOException if it did not go as it should; what was measured is worth nothing then
     */
    Outcome run(Site site, ServerProcess server, double seconds) throws IOException, InterruptedException;
}
