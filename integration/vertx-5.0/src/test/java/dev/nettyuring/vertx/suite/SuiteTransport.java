// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import dev.nettyuring.vertx.UringTransport;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.transport.Transport;

/**
 * What the tests run on: io_uring, or, to compare, Vert.x's NIO with {@code -Dvertx.suite.nio=true}. Vert.x finds it as a service
 * and asks it whenever a {@code Vertx} is made.
 */
public final class SuiteTransport implements VertxServiceProvider {
    static final boolean NIO = Boolean.getBoolean("vertx.suite.nio");

    /** The tests themselves ask for NIO, or for nothing, which is the same. */
    @Override
    public void init(VertxBootstrap bootstrap) {
        if (!NIO && bootstrap.transport() == Transport.NIO.implementation()) {
            bootstrap.transport(new UringTransport());
        }
    }
}
