// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;

/** Netty's epoll transport, which need not be on the class path: nothing else refers to its classes. */
final class EpollKind {
    private EpollKind() {}

    /** Why it does not work; {@code null} if it does. A {@link LinkageError} if there is none. */
    static Throwable unavailabilityCause() {
        return Epoll.unavailabilityCause();
    }

    static Transport.Kind kind() {
        return new Transport.Kind(
                Transport.EPOLL,
                EpollIoHandler.newFactory(),
                EpollServerSocketChannel.class,
                EpollSocketChannel.class,
                EpollDatagramChannel.class,
                new Transport.Domain(
                        EpollServerDomainSocketChannel.class,
                        EpollDomainSocketChannel.class,
                        EpollDomainDatagramChannel.class));
    }
}
