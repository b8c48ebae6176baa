// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.PeerCredentials;

/**
 * Makes Netty's {@link PeerCredentials}, whose constructor only native code can call: reflection would need Netty's module to be
 * opened.
 */
final class PeerIdentity {
    private PeerIdentity() {}

    static PeerCredentials of(SocketFd socket) {
        return socket.getOption(
                SocketAbi.SOL_SOCKET,
                SocketAbi.SO_PEERCRED,
                "SO_PEERCRED",
                (memory, length) -> (PeerCredentials) Native.newCredentials(
                        PeerCredentials.class,
                        memory.getInt(SocketAbi.UCRED_PID),
                        memory.getInt(SocketAbi.UCRED_UID),
                        new int[] {memory.getInt(SocketAbi.UCRED_GID)}));
    }
}
