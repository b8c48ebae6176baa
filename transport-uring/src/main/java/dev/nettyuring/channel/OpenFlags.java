// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import com.sun.nio.file.ExtendedOpenOption;
import dev.nettyuring.jni.FileAbi;
import dev.nettyuring.jni.SocketAbi;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What openat(2) is told for the options of {@link java.nio.channels.FileChannel#open}, which mean the same here. */
final class OpenFlags {
    private final boolean readable;
    private final boolean writable;
    private final boolean direct;
    private final boolean followsNoLink;
    private final int bits;

    /**
     * Reads the options.
     *
     * @throws IllegalArgumentException if they contradict each other
     * @throws UnsupportedOperationException if one is not known
     */
    OpenFlags(OpenOption... options) {
        Set<OpenOption> set = new HashSet<>(List.of(options));
        boolean append = set.remove(StandardOpenOption.APPEND);
        writable = set.remove(StandardOpenOption.WRITE) || append;
        readable = set.remove(StandardOpenOption.READ) || !writable;
        direct = set.remove(ExtendedOpenOption.DIRECT);
        followsNoLink = set.remove(LinkOption.NOFOLLOW_LINKS);
        boolean truncate = set.remove(StandardOpenOption.TRUNCATE_EXISTING);
        if (append && (readable || truncate)) {
            throw new IllegalArgumentException(
                    "options: " + List.of(options) + " (expected: APPEND without READ and TRUNCATE_EXISTING)");
        }
        int bits = SocketAbi.O_CLOEXEC | (append ? FileAbi.O_APPEND : 0);
        bits |= writable ? (readable ? FileAbi.O_RDWR : FileAbi.O_WRONLY) : FileAbi.O_RDONLY;
        bits |= direct ? FileAbi.O_DIRECT : 0;
        bits |= followsNoLink ? FileAbi.O_NOFOLLOW : 0;
        int creation = truncate ? FileAbi.O_TRUNC : 0;
        creation |= set.remove(StandardOpenOption.CREATE) ? FileAbi.O_CREAT : 0;
        creation |= set.remove(StandardOpenOption.CREATE_NEW) ? FileAbi.O_CREAT | FileAbi.O_EXCL : 0;
        bits |= writable ? creation : 0;
        bits |= set.remove(StandardOpenOption.SYNC) ? FileAbi.O_SYNC : 0;
        bits |= set.remove(StandardOpenOption.DSYNC) ? FileAbi.O_DSYNC : 0;
        set.remove(StandardOpenOption.SPARSE); // files are
        if (!set.isEmpty()) {
            throw new UnsupportedOperationException("option: " + set.iterator().next());
        }
        this.bits = bits;
    }

    int bits() {
        return bits;
    }

    boolean isReadable() {
        return readable;
    }

    boolean isWritable() {
        return writable;
    }

    boolean isDirect() {
        return direct;
    }

    boolean followsNoLink() {
        return followsNoLink;
    }
}
