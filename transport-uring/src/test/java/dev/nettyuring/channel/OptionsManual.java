// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes {@code docs/options.md} from the tables of options that the channels have. */
final class OptionsManual implements AutoCloseable {
    private static final List<Class<?>> DECLARING = List.of(
            ChannelOption.class,
            UnixChannelOption.class,
            EpollChannelOption.class,
            IoUringChannelOption.class,
            UringChannelOption.class);

    /** What Netty keeps itself, or does with it, in every channel. */
    private static final Map<String, String> NETTYS = Map.ofEntries(
            Map.entry("ALLOCATOR", "Allocates what handlers ask for, and copies of heap buffers that are written."),
            Map.entry(
                    "RECVBUF_ALLOCATOR",
                    "How many messages make up a read loop, and how large the pieces of a stream are at the most. It does not"
                            + " allocate: what is read is the memory that the kernel wrote."),
            Map.entry("RCVBUF_ALLOCATOR", "Deprecated by Netty: the same as RECVBUF_ALLOCATOR."),
            Map.entry("MESSAGE_SIZE_ESTIMATOR", "How many bytes a message counts for in the water marks."),
            Map.entry(
                    "CONNECT_TIMEOUT_MILLIS",
                    "Milliseconds after which connecting fails; 0 for never. Default 30,000."),
            Map.entry("MAX_MESSAGES_PER_READ", "Deprecated by Netty: that of the RECVBUF_ALLOCATOR."),
            Map.entry(
                    "MAX_MESSAGES_PER_WRITE",
                    "For UDP, how many datagrams go to the kernel at a time, 64 at the most. A stream sends all that is flushed"
                            + " at once."),
            Map.entry(
                    "WRITE_SPIN_COUNT",
                    "How often closing tries to send what is flushed, and a flush of many buffers is tried at once. Default 16."),
            Map.entry("WRITE_BUFFER_HIGH_WATER_MARK", "Deprecated by Netty: the higher WRITE_BUFFER_WATER_MARK."),
            Map.entry("WRITE_BUFFER_LOW_WATER_MARK", "Deprecated by Netty: the lower WRITE_BUFFER_WATER_MARK."),
            Map.entry(
                    "WRITE_BUFFER_WATER_MARK",
                    "Bytes waiting to be sent that make a channel unwritable, and writable."),
            Map.entry("AUTO_READ", "Read on without being asked to. Default true."),
            Map.entry("AUTO_CLOSE", "Deprecated by Netty: a write that fails closes the channel. Default true."),
            Map.entry(
                    "SINGLE_EVENTEXECUTOR_PER_GROUP",
                    "All handlers of a channel that share a group share a thread of it."));

    private static final Map<String, String> NOT_HERE = Map.of(
            "SO_TIMEOUT",
            "Of blocking sockets, which Netty no longer has. Use `ReadTimeoutHandler`.",
            "EPOLL_MODE",
            "Deprecated by Netty, whose epoll ignores it. There is no epoll here.",
            "IO_URING_BUFFER_GROUP_ID",
            "Which of the event loop's buffer rings a channel receives from. Here the loop has one for streams, or two where the"
                    + " kernel does not consume buffers piece by piece, and chooses by what arrives: see `UringConfig`.");

    private final Map<String, Channel> channels = new TreeMap<>();

    OptionsManual() throws Exception {
        Path classes = Path.of(UringIoHandler.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(classes.resolve("dev/nettyuring/channel"), "Uring*Channel.class")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName("dev.nettyuring.channel." + name);
                if (Modifier.isPublic(type.getModifiers()) && !Modifier.isAbstract(type.getModifiers())) {
                    channels.put(name, (Channel) type.getConstructor().newInstance());
                }
            }
        }
    }

    /** What all of Netty's transports and this one call by one name. */
    private static final class Row {
        final Set<ChannelOption<?>> keys = new LinkedHashSet<>();
        String type;
    }

    private static Map<String, Row> rows() throws IllegalAccessException {
        Map<String, Row> rows = new TreeMap<>();
        for (Class<?> declaring : DECLARING) {
            for (Field field : declaring.getDeclaredFields()) {
                if (Modifier.isPublic(field.getModifiers()) && ChannelOption.class.isAssignableFrom(field.getType())) {
                    Row row = rows.computeIfAbsent(field.getName(), name -> new Row());
                    row.keys.add((ChannelOption<?>) field.get(null));
                    row.type = ((ParameterizedType) field.getGenericType())
                            .getActualTypeArguments()[0]
                            .getTypeName()
                            .replaceAll("[a-z_]+\\.|java\\.util\\.", "");
                }
            }
        }
        return rows;
    }

    private static UringChannelConfig config(Channel channel) {
        return (UringChannelConfig) channel.config();
    }

    private static boolean has(Channel channel, ChannelOption<?> key) {
        return config(channel).options().find(key) != null
                || channel.config().getOptions().containsKey(key);
    }

    /** In every channel that has one of the names, all of them must be known; else one transport's users would miss it. */
    private boolean has(Channel channel, Row row) {
        long known = row.keys.stream().filter(key -> has(channel, key)).count();
        if (known != 0 && known != row.keys.size()) {
            throw new AssertionError(channel + " knows but some of " + row.keys);
        }
        return known != 0;
    }

    private String meaning(String name, Row row) {
        if (NETTYS.containsKey(name)) {
            return NETTYS.get(name);
        }
        Set<String> meanings = new LinkedHashSet<>();
        for (Channel channel : channels.values()) {
            for (ChannelOption<?> key : row.keys) {
                ConfigOption<?> option = config(channel).options().find(key);
                if (option != null) {
                    meanings.add(option.meaning());
                }
            }
        }
        if (meanings.isEmpty() || meanings.contains("")) {
            throw new AssertionError(name + " has no description: give its entry in SocketOptions one with means()");
        }
        return String.join(" ", meanings);
    }

    String write() throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "# Channel options",
                "",
                "Written by `OptionsManualTest` from the tables that the channels read and write their options by; it says how to"
                        + " write it anew.",
                "",
                "All options of Netty's `ChannelOption`, `UnixChannelOption`, `EpollChannelOption` and `IoUringChannelOption`, and"
                        + " those of `UringChannelOption`. One that several of these classes have by the same name is taken from"
                        + " any of them. `IntegerUnixChannelOption` and `RawUnixChannelOption` set and read any other option of a"
                        + " socket, on all channels. One that the kernel refuses gives a `ChannelException` with errno's name.",
                ""));
        String names =
                String.join(" | ", channels.keySet()).replace("Uring", "").replace("Channel", "");
        lines.add("| option | type | " + names + " | meaning |");
        lines.add("|---|---|" + "---|".repeat(channels.size()) + "---|");
        Map<String, Row> missing = new LinkedHashMap<>();
        rows().forEach((name, row) -> {
            StringBuilder line = new StringBuilder("| " + name + " | " + row.type + " |");
            boolean somewhere = false;
            for (Channel channel : channels.values()) {
                boolean has = has(channel, row);
                somewhere |= has;
                line.append(has ? " yes |" : " |");
            }
            if (!somewhere) {
                missing.put(name, row);
            } else if (NOT_HERE.containsKey(name)) {
                throw new AssertionError(name + " is supported: do not explain why not");
            } else {
                lines.add(line + " " + meaning(name, row) + " |");
            }
        });
        lines.addAll(List.of("", "## What is not here", "", "| option | why |", "|---|---|"));
        for (String name : missing.keySet()) {
            if (!NOT_HERE.containsKey(name)) {
                throw new AssertionError(name + " is not supported by any channel: support it, or explain why not");
            }
            lines.add("| " + name + " | " + NOT_HERE.get(name) + " |");
        }
        return String.join("\n", lines) + "\n";
    }

    @Override
    public void close() {
        channels.values().forEach(channel -> channel.unsafe().closeForcibly());
    }
}
