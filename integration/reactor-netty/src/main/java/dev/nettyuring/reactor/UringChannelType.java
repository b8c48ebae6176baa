// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDomainDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.ServerDomainSocketChannel;
import java.util.List;
import java.util.function.Supplier;

/** Which of our channels stands in for which of Netty's interfaces. */
final class UringChannelType<C extends Channel> {
    private static final List<UringChannelType<?>> ALL = List.of(
            new UringChannelType<>(SocketChannel.class, UringSocketChannel.class, UringSocketChannel::new),
            new UringChannelType<>(
                    ServerSocketChannel.class, UringServerSocketChannel.class, UringServerSocketChannel::new),
            new UringChannelType<>(DatagramChannel.class, UringDatagramChannel.class, UringDatagramChannel::new),
            new UringChannelType<>(
                    DomainSocketChannel.class, UringDomainSocketChannel.class, UringDomainSocketChannel::new),
            new UringChannelType<>(
                    ServerDomainSocketChannel.class,
                    UringServerDomainSocketChannel.class,
                    UringServerDomainSocketChannel::new),
            new UringChannelType<>(
                    DomainDatagramChannel.class, UringDomainDatagramChannel.class, UringDomainDatagramChannel::new));

    private final Class<C> asked;
    private final Class<? extends C> type;
    private final Supplier<? extends C> constructor;

    private UringChannelType(Class<C> asked, Class<? extends C> type, Supplier<? extends C> constructor) {
        this.asked = asked;
        this.type = type;
        this.constructor = constructor;
    }

    /**
     * The one for an interface.
     *
     * @throws IllegalArgumentException if there is none
     */
    @SuppressWarnings("unchecked") // asked is C's class
    static <C extends Channel> UringChannelType<C> of(Class<C> asked) {
        for (UringChannelType<?> one : ALL) {
            if (one.asked == asked) {
                return (UringChannelType<C>) one;
            }
        }
        throw new IllegalArgumentException("there is no " + asked.getName() + " on io_uring");
    }

    Class<? extends C> type() {
        return type;
    }

    C create() {
        return constructor.get();
    }
}
