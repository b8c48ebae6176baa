// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** Finds Netty's {@code SslHandler} in a pipeline, without needing the module that has it. */
final class TlsHandlers {
    private static final Class<? extends ChannelHandler> SSL_HANDLER = find();

    private TlsHandlers() {}

    private static Class<? extends ChannelHandler> find() {
        try {
            return Class.forName("io.netty.handler.ssl.SslHandler", false, TlsHandlers.class.getClassLoader())
                    .asSubclass(ChannelHandler.class);
        } catch (ClassNotFoundException | LinkageError nobodyHasOne) {
            return null;
        }
    }

    /**
     * For what goes below the pipeline.
     *
     * @throws IllegalStateException if the pipeline encrypts
     */
    static void checkNone(Channel channel) {
        if (SSL_HANDLER != null && channel.pipeline().context(SSL_HANDLER) != null) {
            throw new IllegalStateException("the pipeline of " + channel
                    + " has an SslHandler, and splicing would pass on what that encrypts, or is to: remove it, or pass the"
                    + " bytes through the pipeline");
        }
    }
}
