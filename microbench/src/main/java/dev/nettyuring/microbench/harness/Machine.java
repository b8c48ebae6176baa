// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import io.netty.util.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What it was measured on. */
final class Machine {
    private static final double KIB_A_GIB = 1 << 20;

    private Machine() {}

    /** By name, for people. */
    static Map<String, String> describe() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("CPU", field("/proc/cpuinfo", "model name", ":") + (isVirtual() ? ", in a virtual machine" : ""));
        machine.put("CPUs", Integer.toString(Runtime.getRuntime().availableProcessors()));
        machine.put("memory", memory());
        machine.put("kernel", System.getProperty("os.name") + ' ' + System.getProperty("os.version"));
        machine.put("TCP congestion control", System.getProperty("bench.congestionControl", ""));
        machine.put("distribution", field("/etc/os-release", "PRETTY_NAME", "=").replace("\"", ""));
        machine.put("JDK", System.getProperty("java.vm.name") + ' ' + System.getProperty("java.runtime.version"));
        machine.put("Netty", String.join(", ", nettyVersions()));
        machine.put("commit", commit());
        return machine;
    }

    private static Set<String> nettyVersions() {
        Set<String> versions = new TreeSet<>();
        Version.identify().values().forEach(version -> versions.add(version.artifactVersion()));
        return versions;
    }

    private static boolean isVirtual() {
        return field("/proc/cpuinfo", "flags", ":").contains("hypervisor");
    }

    private static String memory() {
        String kib = field("/proc/meminfo", "MemTotal", ":").replaceAll("\\D", "");
        return kib.isEmpty() ? "unknown" : Math.round(Double.parseDouble(kib) / KIB_A_GIB) + " GiB";
    }

    /** What stands behind the first line's separator that begins with {@code name}. */
    private static String field(String file, String name, String separator) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(separator) + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return commit.isEmpty() ? "unknown" : commit;
        } catch (IOException notInstalled) {
            return "unknown";
        }
    }
}
