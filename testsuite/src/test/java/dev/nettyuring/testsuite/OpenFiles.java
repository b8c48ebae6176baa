// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What this process has open, as {@code /proc} sees it. */
public final class OpenFiles {
    private static final int LOCAL_ADDRESS = 1;
    private static final int INODE = 9;

    private OpenFiles() {}

    /** How many file descriptors lead to something with such a name. */
    public static long count(Predicate<String> name) {
        return targets().stream().filter(name).count();
    }

    /** How many sockets with this local port are open here: the server's side of its connections, and its listener. */
    public static long socketsOfPort(int port) {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            for (String line : lines(Path.of(table))) {
                String[] fields = line.trim().split("\\s+");
                if (fields[LOCAL_ADDRESS].endsWith(String.format(":%04X", port))) {
                    sockets.add("socket:[" + fields[INODE] + ']');
                }
            }
        }
        return count(sockets::contains);
    }

    private static List<String> lines(Path table) {
        try {
            return Files.exists(table) ? Files.readAllLines(table) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What each file descriptor leads to. */
    public static List<String> targets() {
        List<String> targets = new ArrayList<>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                try {
                    targets.add(Files.readSymbolicLink(fd).toString());
                } catch (NoSuchFileException e) {
                    // closed meanwhile
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }
}
