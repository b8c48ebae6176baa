// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.tests.net.NetTest;
import org.junit.runner.RunWith;

/** Vert.x's tests of TCP. */
@RunWith(SuiteRunner.class)
@NotHere(
        tests = {"testConnectTimeout", "testConnectTimeoutOverride"},
        why = "connect to addresses beyond this machine, and expect no answer, which is the network's to give")
@NotHere(
        tests = {"testServerShutdown", "testServerShutdownOverride"},
        why = "wait for what the server sends first, by a handler that they set after it may have come")
public class NetSuiteTest extends NetTest {}
