// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the machine says of itself, in {@code /proc}: its kernel, and what this process may do. Read anew by each call; where
 * {@code /proc} does not tell, as on other systems, the answer is that of a process without limits. Any thread.
 */
public final class Host {
    /** The oldest kernel this transport works on. */
    public static final String OLDEST_KERNEL = "6.1";

    private static final int OLDEST_MAJOR = 6;
    private static final int OLDEST_MINOR = 1;
    private static final int CAP_IPC_LOCK = 14;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int SECCOMP_FILTER = 2;
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);
    private static final Pattern RUNTIME = Pattern.compile("docker|kubepods|containerd|lxc|libpod|podman");

    private final Path root;

    private Host(Path root) {
        this.root = root;
    }

    /** This machine. */
    public static Host current() {
        return new Host(Path.of("/"));
    }

    /** A machine whose {@code proc} and whatever else is looked at lies below {@code root}. For tests. */
    public static Host at(Path root) {
        return new Host(root);
    }

    /** A resource limit; {@link Long#MAX_VALUE} is none. */
    public record Limit(long soft, long hard) {
        /** What {@code /proc} does not tell. */
        static final Limit NONE = new Limit(Long.MAX_VALUE, Long.MAX_VALUE);

        /** Whether there is no soft limit, the one that applies. */
        public boolean isUnlimited() {
            return soft == Long.MAX_VALUE;
        }
    }

    /** The kernel's release, such as {@code 6.12.9-arch1}. */
    public String kernelRelease() {
        String release = read("proc/sys/kernel/osrelease");
        return release.isEmpty() ? System.getProperty("os.version", "unknown") : release;
    }

    /** Whether the release says that the kernel is too old. One whose release says nothing is not. */
    public boolean isKernelTooOld() {
        Matcher release = RELEASE.matcher(kernelRelease());
        if (!release.matches()) {
            return false;
        }
        int major = Integer.parseInt(release.group(1));
        return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && Integer.parseInt(release.group(2)) < OLDEST_MINOR);
    }

    /** The sysctl {@code kernel.io_uring_disabled}: 0, 1 or 2; empty where there is none (before 6.6). */
    public OptionalInt ioUringDisabled() {
        OptionalLong value = number(read("proc/sys/kernel/io_uring_disabled"));
        return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
    }

    /** Whether the sysctls of io_uring, whatever else may, forbid it to this process. */
    public boolean isIoUringSwitchedOff() {
        int disabled = ioUringDisabled().orElse(0);
        return disabled == 2 || (disabled == 1 && !hasCapability(CAP_SYS_ADMIN) && !isInIoUringGroup());
    }

    private boolean isInIoUringGroup() {
        OptionalLong group = number(read("proc/sys/kernel/io_uring_group"));
        String[] groups = (status("Gid") + ' ' + status("Groups")).trim().split("\\s+");
        return group.isPresent() && Arrays.asList(groups).contains(String.valueOf(group.getAsLong()));
    }

    /** Whether system calls go through a seccomp filter, as container runtimes set one up. */
    public boolean hasSeccompFilter() {
        return number(status("Seccomp")).orElse(0) == SECCOMP_FILTER;
    }

    /** RLIMIT_MEMLOCK, in bytes. */
    public Limit lockedMemory() {
        return limit("Max locked memory");
    }

    /** Whether RLIMIT_MEMLOCK does not count for this process, which has CAP_IPC_LOCK. */
    public boolean mayLockAnyMemory() {
        return hasCapability(CAP_IPC_LOCK);
    }

    /** Whether this process may lock so many bytes, if none of its user's has locked any. */
    public boolean mayLock(long bytes) {
        return mayLockAnyMemory() || lockedMemory().soft() >= bytes;
    }

    /** RLIMIT_NOFILE. */
    public Limit openFiles() {
        return limit("Max open files");
    }

    /** What kind of container this seems to be, such as {@code docker}; empty if nothing hints at one. */
    public String container() {
        Set<String> hints = new TreeSet<>();
        if (Files.exists(root.resolve(".dockerenv"))) {
            hints.add("docker");
        }
        if (Files.exists(root.resolve("run/.containerenv"))) {
            hints.add("podman");
        }
        if (Files.exists(root.resolve("var/run/secrets/kubernetes.io"))) {
            hints.add("kubernetes");
        }
        Matcher runtime = RUNTIME.matcher(read("proc/1/cgroup"));
        if (hints.isEmpty() && runtime.find()) {
            hints.add(runtime.group());
        }
        return String.join(", ", hints);
    }

    /** Of the capabilities of a user namespace the kernel takes no notice in what concerns io_uring. */
    private boolean hasCapability(int capability) {
        String[] ids = read("proc/self/uid_map").split("\\s+");
        boolean initialNamespace = ids.length == 3 && ids[0].equals("0") && ids[2].equals("4294967295");
        String effective = status("CapEff");
        return initialNamespace
                && !effective.isEmpty()
                && (Long.parseUnsignedLong(effective, 16) >>> capability & 1) != 0;
    }

    private Limit limit(String name) {
        String[] values = line("proc/self/limits", name).split("\\s+");
        return values.length < 2 ? Limit.NONE : new Limit(bytes(values[0]), bytes(values[1]));
    }

    private static long bytes(String value) {
        return number(value).orElse(Long.MAX_VALUE); // "unlimited"
    }

    private String status(String field) {
        return line("proc/self/status", field + ':');
    }

    /** What follows {@code start} in the line that begins with it. */
    private String line(String file, String start) {
        for (String line : lines(file)) {
            if (line.startsWith(start)) {
                return line.substring(start.length()).trim();
            }
        }
        return "";
    }

    private String read(String file) {
        return String.join("\n", lines(file)).trim();
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException | RuntimeException e) {
            return List.of(); // not Linux, or hidden from this process
        }
    }

    private static OptionalLong number(String digits) {
        try {
            return OptionalLong.of(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
