// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** An exchange's connection to the origin: there is one while it can be used for the next request. */
final class OriginConnection {
    private final HttpExchange owner;
    private final InetSocketAddress address;
    private UringSocketChannel channel;
    private HttpInput input;

    OriginConnection(HttpExchange owner, InetSocketAddress address) {
        this.owner = owner;
        this.address = address;
    }

    /** Connects, if there is no connection, and tells whether there is one. */
    void open(EventLoop loop, Consumer<Boolean> whenDone) {
        if (channel != null) {
            whenDone.accept(true);
            return;
        }
        new Bootstrap()
                .group(loop)
                .channel(UringSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<UringSocketChannel>() {
                    @Override
                    protected void initChannel(UringSocketChannel connecting) {
                        channel = connecting;
                        input = new HttpInput(owner, connecting);
                        connecting.pipeline().addLast(new InputHandler(owner, input));
                    }
                })
                .connect(address)
                .addListener(connected -> whenDone.accept(connected.isSuccess()));
    }

    UringSocketChannel channel() {
        return channel;
    }

    /** What comes from the origin; {@code null} if there is no connection. */
    HttpInput input() {
        return input;
    }

    /** The other side takes bytes again. */
    void resume() {
        if (input != null) {
            input.resume();
        }
    }

    /** Closes it; the next request is for another. */
    void forget() {
        UringSocketChannel forgotten = channel;
        channel = null;
        input = null;
        if (forgotten != null) {
            forgotten.close();
        }
    }
}
