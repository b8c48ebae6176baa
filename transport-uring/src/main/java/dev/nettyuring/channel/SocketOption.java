// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;

/**
 * One option that the kernel keeps for a socket: how its value is read and written.
 *
 * @param <T> the type of its value
 */
final class SocketOption<T> extends ConfigOption<T> {
    private final int level;
    private final int name;
    private final Codec<T> codec;
    /** What an IPv6 socket has beside it, for its own packets; {@code null} if nothing. */
    private final SocketOption<T> ipv6;

    /** How a value lies in memory. */
    private interface Codec<T> {
        /** Writes it from index 0; returns its length in bytes. */
        int write(ByteBuffer memory, T value);

        T read(ByteBuffer memory, int length);
    }

    private SocketOption(ChannelOption<T> key, int level, int name, Codec<T> codec) {
        this(key, level, name, codec, null);
    }

    private SocketOption(ChannelOption<T> key, int level, int name, Codec<T> codec, SocketOption<T> ipv6) {
        super(key);
        this.level = level;
        this.name = name;
        this.codec = codec;
        this.ipv6 = ipv6;
    }

    /** The same for IPv4, and for IPv6 the option of that name there: an IPv6 socket has both, this for mapped addresses. */
    SocketOption<T> andIpv6(int ipv6Name) {
        return new SocketOption<>(
                key(), level, name, codec, new SocketOption<>(key(), SocketAbi.IPPROTO_IPV6, ipv6Name, codec));
    }

    static SocketOption<Boolean> flag(ChannelOption<Boolean> key, int level, int name) {
        return flag(key, level, name, true);
    }

    /** One that Netty has the other way round. */
    static SocketOption<Boolean> notFlag(ChannelOption<Boolean> key, int level, int name) {
        return flag(key, level, name, false);
    }

    private static SocketOption<Boolean> flag(ChannelOption<Boolean> key, int level, int name, boolean on) {
        return new SocketOption<>(key, level, name, new Codec<>() {
            @Override
            public int write(ByteBuffer memory, Boolean value) {
                memory.putInt(0, value == on ? 1 : 0);
                return Integer.BYTES;
            }

            @Override
            public Boolean read(ByteBuffer memory, int length) {
                return (memory.getInt(0) != 0) == on;
            }
        });
    }

    static SocketOption<Integer> number(ChannelOption<Integer> key, int level, int name) {
        return new SocketOption<>(key, level, name, new Codec<>() {
            @Override
            public int write(ByteBuffer memory, Integer value) {
                memory.putInt(0, value);
                return Integer.BYTES;
            }

            @Override
            public Integer read(ByteBuffer memory, int length) {
                return memory.getInt(0);
            }
        });
    }

    static SocketOption<Long> unsigned(ChannelOption<Long> key, int level, int name) {
        return new SocketOption<>(key, level, name, new Codec<>() {
            @Override
            public int write(ByteBuffer memory, Long value) {
                if (value < 0 || value > 0xffff_ffffL) {
                    throw new IllegalArgumentException(key + ": " + value + " (expected: 0 to 4294967295)");
                }
                memory.putInt(0, value.intValue());
                return Integer.BYTES;
            }

            @Override
            public Long read(ByteBuffer memory, int length) {
                return memory.getInt(0) & 0xffff_ffffL;
            }
        });
    }

    /** SO_LINGER: seconds, or -1 for off. */
    static SocketOption<Integer> linger(ChannelOption<Integer> key) {
        return new SocketOption<>(key, SocketAbi.SOL_SOCKET, SocketAbi.SO_LINGER, new Codec<>() {
            @Override
            public int write(ByteBuffer memory, Integer value) {
                memory.putInt(SocketAbi.LINGER_ONOFF, value < 0 ? 0 : 1);
                memory.putInt(SocketAbi.LINGER_LINGER, Math.max(value, 0));
                return SocketAbi.LINGER_SIZE;
            }

            @Override
            public Integer read(ByteBuffer memory, int length) {
                return memory.getInt(SocketAbi.LINGER_ONOFF) == 0 ? -1 : memory.getInt(SocketAbi.LINGER_LINGER);
            }
        });
    }

    /** Any of the kernel's options, as bytes. */
    static SocketOption<ByteBuffer> raw(RawUnixChannelOption key) {
        return new SocketOption<>(key, key.level(), key.optname(), new Codec<>() {
            @Override
            public int write(ByteBuffer memory, ByteBuffer value) {
                int length = value.remaining();
                if (length > SocketFd.MAX_OPTION_BYTES) {
                    throw new IllegalArgumentException(
                            key + ": " + length + " bytes (expected: at most " + SocketFd.MAX_OPTION_BYTES + ")");
                }
                memory.put(0, value, value.position(), length);
                return length;
            }

            @Override
            public ByteBuffer read(ByteBuffer memory, int length) {
                ByteBuffer value = ByteBuffer.allocate(Math.min(length, key.length()));
                return value.put(0, memory, 0, value.capacity());
            }
        });
    }

    /** One the kernel only tells. */
    static <T> SocketOption<T> readOnly(ChannelOption<T> key, int level, int name, SocketFd.OptionBytes<T> reader) {
        return new SocketOption<>(key, level, name, new Codec<>() {
            @Override
            public int write(ByteBuffer memory, T value) {
                throw new UnsupportedOperationException(key + " can only be read");
            }

            @Override
            public T read(ByteBuffer memory, int length) {
                return reader.read(memory, length);
            }
        });
    }

    /** IP_TOS: an IPv6 socket has the traffic class of its own packets beside it. */
    static SocketOption<Integer> trafficClass(ChannelOption<Integer> key) {
        return number(key, SocketAbi.IPPROTO_IP, SocketAbi.IP_TOS).andIpv6(SocketAbi.IPV6_TCLASS);
    }

    @Override
    SocketOption<T> means(String meaning) {
        super.means(meaning);
        return this;
    }

    @Override
    T get(UringChannelConfig config) {
        return config.socket().getOption(level, name, key().name(), codec::read);
    }

    @Override
    void set(UringChannelConfig config, T value) {
        set(config.socket(), value);
    }

    private void set(SocketFd socket, T value) {
        socket.setOption(level, name, key().name(), memory -> codec.write(memory, value));
        if (ipv6 != null && socket.isIpv6()) {
            ipv6.set(socket, value);
        }
    }
}
