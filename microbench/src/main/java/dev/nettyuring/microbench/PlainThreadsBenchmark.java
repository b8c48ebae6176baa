// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Threads;

/** Two threads at a time allocate and release that are no event loops, nor any thread of Netty's. */
@Threads(2)
@Fork(
        value = 1,
        jvmArgsAppend = {LoopThreads.NO_LEAK_DETECTION})
public class PlainThreadsBenchmark extends AllocateBenchmark {}
