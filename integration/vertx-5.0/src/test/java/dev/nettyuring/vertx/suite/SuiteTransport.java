// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import dev.nettyuring.vertx.UringTransport;
import io.vertx.core.VertxBuilder;

/** What the tests run on: io_uring, or, to compare, Vert.x's NIO with {@code -Dvertx.suite.nio=true}. */
final class SuiteTransport {
    private static final boolean NIO = Boolean.getBoolean("vertx.suite.nio");

    private SuiteTransport() {}

    /** Tests bring a builder with NIO. */
    static VertxBuilder of(VertxBuilder builder) {
        return NIO ? builder : builder.withTransport(new UringTransport());
    }
}
