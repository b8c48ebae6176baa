// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** Says what channels were made. */
final class RecordedLoops implements LoopResources {
    final Queue<Class<?>> channels = new ConcurrentLinkedQueue<>();
    private final LoopResources loops;

    RecordedLoops(LoopResources loops) {
        this.loops = loops;
    }

    @Override
    public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
        C channel = loops.onChannel(channelType, group);
        channels.add(channel.getClass());
        return channel;
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup group) {
        return loops.onChannelClass(channelType, group);
    }

    @Override
    public EventLoopGroup onClient(boolean preferNative) {
        return loops.onClient(preferNative);
    }

    @Override
    public EventLoopGroup onServer(boolean preferNative) {
        return loops.onServer(preferNative);
    }

    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return loops.disposeLater(quietPeriod, timeout);
    }
}
