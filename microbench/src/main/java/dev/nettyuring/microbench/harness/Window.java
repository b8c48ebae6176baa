// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.Map;

/**
 * A stretch of time in which one server was under load.
 *
 * @param fork which start of the server, from 1
 * @param round which turn among the contestants, from 1; 0 for what is measured once a fork
 * @param figures what it tells
 * @param others CPU that neither the server nor its load used, in CPUs: of other processes, or stolen by the hypervisor
 * @param disturbed whether that is too much for the figures to count
 */
record Window(
        String workload,
        String contestant,
        int fork,
        int round,
        Map<Metric, Double> figures,
        double others,
        boolean disturbed) {}
