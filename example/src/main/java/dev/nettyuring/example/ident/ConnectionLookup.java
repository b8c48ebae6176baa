// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Finds out whose a TCP connection of this machine is. May block; called by several threads. */
@FunctionalInterface
public interface ConnectionLookup {
    /**
     * Looks a connection up.
     *
     * @param local its end at this machine
     * @param remote its end at the machine that asks
     * @throws IOException if that cannot be found out, which is answered with UNKNOWN-ERROR
     */
    IdentReply lookUp(InetSocketAddress local, InetSocketAddress remote) throws IOException;
}
