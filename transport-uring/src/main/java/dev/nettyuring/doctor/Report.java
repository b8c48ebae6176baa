// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.jni.Host;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What was found.
 *
 * @param transport what {@code Transports.best()} chooses here; {@code null} if it throws
 * @param features all, or none if io_uring cannot be used at all
 */
record Report(Host host, Transport transport, List<FeatureUse> features, List<Finding> findings) {
    private static final int LABEL_WIDTH = 18;
    private static final int KIB = 1024;

    /** 0: all well; 1: it works, and something is missing that matters; 2: the transport is not used. */
    int status() {
        return findings.stream()
                .mapToInt(finding -> finding.weight().ordinal())
                .max()
                .orElse(0);
    }

    private String verdict() {
        return switch (status()) {
            case 0 -> "io_uring works, with all that matters.";
            case 1 -> "io_uring works, but something that matters is missing.";
            default -> transport == null
                    ? "Event loops cannot be made."
                    : "io_uring cannot be used here: with this class path programs fall back to " + transport.name()
                            + '.';
        };
    }

    String toText() {
        StringBuilder text = new StringBuilder(verdict()).append("\n\n");
        line(text, "kernel", host.kernelRelease() + " (" + Host.OLDEST_KERNEL + " or newer is needed)");
        line(text, "Java", System.getProperty("java.version") + ", " + System.getProperty("os.arch"));
        line(text, "container", host.container().isEmpty() ? "no sign of one" : host.container());
        line(text, "io_uring_disabled", disabled());
        line(text, "seccomp", host.hasSeccompFilter() ? "a filter applies" : "no filter");
        line(text, "locked memory", limit(host.lockedMemory(), KIB, " KiB") + exemption());
        line(text, "open files", limit(host.openFiles(), 1, ""));
        if (transport != null) {
            line(text, "transport", transport.name() + ", tried with " + transport.threads() + " event loops");
            String whyNotEpoll = transport.whyNot().get(Transport.EPOLL); // why not io_uring is a finding
            if (whyNotEpoll != null) {
                line(text, "  not epoll", whyNotEpoll);
            }
        }
        features(text);
        if (!findings.isEmpty()) {
            text.append("\nWhat to change, or to know\n");
            findings.forEach(finding -> text.append("  ")
                    .append(finding.weight() == Finding.Weight.NOTE ? "(minor) " : "")
                    .append(finding.what())
                    .append(finding.toDo().isEmpty() ? "" : "\n      " + finding.toDo())
                    .append('\n'));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append(label)
                .append(" ".repeat(Math.max(1, LABEL_WIDTH - label.length())))
                .append(value)
                .append('\n');
    }

    private void features(StringBuilder text) {
        if (features.isEmpty()) {
            return;
        }
        text.append("\nWhat newer kernels offer\n");
        for (FeatureUse use : features) {
            String label = (use.found() ? "  yes  " : use.switchedOff() ? "  off  " : "  no   ") + use.feature();
            line(
                    text,
                    label + " ".repeat(Math.max(0, LABEL_WIDTH + 5 - label.length())),
                    use.feature().use());
        }
    }

    private String disabled() {
        OptionalInt value = host.ioUringDisabled();
        return value.isEmpty() ? "this kernel has no such sysctl" : String.valueOf(value.getAsInt());
    }

    private String exemption() {
        return host.mayLockAnyMemory() ? "; does not count for this process (CAP_IPC_LOCK)" : "";
    }

    private static String limit(Host.Limit limit, int unit, String name) {
        return amount(limit.soft(), unit, name) + " (hard limit " + amount(limit.hard(), unit, name) + ')';
    }

    private static String amount(long value, int unit, String name) {
        return value == Long.MAX_VALUE ? "unlimited" : value / unit + name;
    }

    String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("status", status());
        map.put("verdict", verdict());
        map.put("kernel", host.kernelRelease());
        map.put("java", System.getProperty("java.version"));
        map.put("architecture", System.getProperty("os.arch"));
        map.put("container", host.container());
        OptionalInt disabled = host.ioUringDisabled();
        map.put("ioUringDisabled", disabled.isPresent() ? disabled.getAsInt() : null);
        map.put("seccompFilter", host.hasSeccompFilter());
        map.put("lockedMemory", limit(host.lockedMemory()));
        map.put("lockedMemoryCounts", !host.mayLockAnyMemory());
        map.put("openFiles", limit(host.openFiles()));
        map.put("transport", transport == null ? null : transport.name());
        map.put("eventLoops", transport == null ? null : transport.threads());
        map.put("whyNot", transport == null ? Map.of() : transport.whyNot());
        map.put("features", features.stream().map(FeatureUse::toMap).toList());
        map.put("findings", findings.stream().map(Finding::toMap).toList());
        return Json.write(map);
    }

    /** In bytes, or files; {@code null} is unlimited. */
    private static Map<String, Object> limit(Host.Limit limit) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("soft", limit.soft() == Long.MAX_VALUE ? null : limit.soft());
        map.put("hard", limit.hard() == Long.MAX_VALUE ? null : limit.hard());
        return map;
    }
}
