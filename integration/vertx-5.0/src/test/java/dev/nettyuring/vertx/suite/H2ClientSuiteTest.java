// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.tests.http.Http2ClientTest;
import org.junit.runner.RunWith;

/** Vert.x's tests of its HTTP/2 client. */
@RunWith(SuiteRunner.class)
@NotHere(
        tests = "testQueueingRequests",
        why = "expects no limit to a connection's streams, for which this version of Netty has 100 by default")
public class H2ClientSuiteTest extends Http2ClientTest {}
