// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.tests.http.Http2ServerTest;
import org.junit.runner.RunWith;

/** Vert.x's tests of its HTTP/2 server. */
@RunWith(SuiteRunner.class)
public class H2ServerSuiteTest extends Http2ServerTest {}
