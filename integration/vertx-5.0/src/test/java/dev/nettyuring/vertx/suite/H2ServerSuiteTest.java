// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.tests.http.Http2ServerTest;
import org.junit.runner.RunWith;

/** Vert.x's tests of its HTTP/2 server. */
@RunWith(SuiteRunner.class)
public class H2ServerSuiteTest extends Http2ServerTest {
    @Override
    protected VertxBuilder createVertxBuilder(VertxOptions options) {
        return SuiteTransport.of(super.createVertxBuilder(options));
    }
}
