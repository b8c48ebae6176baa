// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.PeerCredentials;
import java.lang.reflect.Constructor;

/** Makes Netty's {@link PeerCredentials}, whose constructor only Netty's own native library can call otherwise. */
final class PeerIdentity {
    private static final Constructor<PeerCredentials> CONSTRUCTOR = constructor();

    private PeerIdentity() {}

    private static Constructor<PeerCredentials> constructor() {
        try {
            Constructor<PeerCredentials> constructor =
                    PeerCredentials.class.getDeclaredConstructor(int.class, int.class, int[].class);
            constructor.setAccessible(true);
            return constructor;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("this version of Netty makes PeerCredentials in another way", e);
        }
    }

    static PeerCredentials of(SocketFd socket) {
        return socket.getOption(SocketAbi.SOL_SOCKET, SocketAbi.SO_PEERCRED, "SO_PEERCRED", (memory, length) -> {
            try {
                return CONSTRUCTOR.newInstance(
                        memory.getInt(SocketAbi.UCRED_PID),
                        memory.getInt(SocketAbi.UCRED_UID),
                        new int[] {memory.getInt(SocketAbi.UCRED_GID)});
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
