// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.core.Vertx;
import io.vertx.test.core.VertxTestBase;
import org.junit.Test;

/** That Vert.x's tests run on the transport that they are to run on, whichever way they make a {@code Vertx}. */
public class SuiteTransportTest extends VertxTestBase {
    @Test
    public void isThatOfTheSuite() {
        assertEquals(!SuiteTransport.NIO, vertx.isNativeTransportEnabled());
        assertEquals(!SuiteTransport.NIO, vertx(Vertx::vertx).isNativeTransportEnabled());
    }
}
