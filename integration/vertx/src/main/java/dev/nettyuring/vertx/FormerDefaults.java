// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * What Vert.x 5.0 has in {@link Transport} for all transports, {@code Transport.super.configure(…)}, which later ones, as the
 * compiler knows them, have with other parameters.
 */
final class FormerDefaults {
    private final MethodHandle client;
    private final MethodHandle server;

    private FormerDefaults(MethodHandle client, MethodHandle server) {
        this.client = client;
        this.server = server;
    }

    /** Those that the implementation which the lookup belongs to inherits; with later versions none. */
    static FormerDefaults of(MethodHandles.Lookup implementation) {
        try {
            return new FormerDefaults(
                    inherited(implementation, ClientOptionsBase.class, int.class, boolean.class, Bootstrap.class),
                    inherited(implementation, NetServerOptions.class, boolean.class, ServerBootstrap.class));
        } catch (NoSuchMethodException laterVersion) {
            return new FormerDefaults(null, null);
        } catch (IllegalAccessException e) {
            throw new LinkageError("Transport.configure", e);
        }
    }

    private static MethodHandle inherited(MethodHandles.Lookup implementation, Class<?>... parameters)
            throws NoSuchMethodException, IllegalAccessException {
        return implementation.unreflectSpecial(
                Transport.class.getMethod("configure", parameters), implementation.lookupClass());
    }

    void configure(
            UringTransport transport,
            ClientOptionsBase options,
            int connectTimeoutMillis,
            boolean domainSocket,
            Bootstrap bootstrap) {
        call(client, transport, options, connectTimeoutMillis, domainSocket, bootstrap);
    }

    void configure(
            UringTransport transport, NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        call(server, transport, options, domainSocket, bootstrap);
    }

    private static void call(MethodHandle method, Object... arguments) {
        if (method == null) {
            throw new UnsupportedOperationException("only Vert.x 5.0 configures by these options");
        }
        try {
            method.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
