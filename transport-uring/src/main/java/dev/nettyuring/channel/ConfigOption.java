// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelOption;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * One option in the {@linkplain SocketOptions table}: its key, how it is read and written, and what it means.
 *
 * @param <T> the type of its value
 */
abstract class ConfigOption<T> {
    private final ChannelOption<T> key;
    private String meaning = "";
    private boolean readable = true;

    ConfigOption(ChannelOption<T> key) {
        this.key = key;
    }

    /** One that the channel keeps, not the kernel. */
    static <C extends UringChannelConfig, T> ConfigOption<T> kept(
            ChannelOption<T> key, Class<C> holder, Function<C, T> getter, BiConsumer<C, T> setter) {
        return new ConfigOption<>(key) {
            @Override
            T get(UringChannelConfig config) {
                return getter.apply(holder.cast(config));
            }

            @Override
            void set(UringChannelConfig config, T value) {
                setter.accept(holder.cast(config), value);
            }
        };
    }

    /** One that is set and cannot be read: it reads as {@code null}. */
    static <C extends UringChannelConfig, T> ConfigOption<T> writeOnly(
            ChannelOption<T> key, Class<C> holder, BiConsumer<C, T> setter) {
        ConfigOption<T> option = kept(key, holder, config -> null, setter);
        option.readable = false;
        return option;
    }

    final ChannelOption<T> key() {
        return key;
    }

    final boolean isReadable() {
        return readable;
    }

    /** Says what it does, for {@code docs/options.md}: units, default, what it needs. */
    ConfigOption<T> means(String meaning) {
        this.meaning = meaning;
        return this;
    }

    /** What it does; empty if that is to be looked up in the kernel's manual. */
    final String meaning() {
        return meaning;
    }

    abstract T get(UringChannelConfig config);

    abstract void set(UringChannelConfig config, T value);

    @Override
    public String toString() {
        return key.name();
    }
}
