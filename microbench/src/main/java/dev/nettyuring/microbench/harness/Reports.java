// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes what was found out: the report, its pictures, and all figures. */
final class Reports {
    private final Options options;
    private final List<Workload> workloads;
    private final Results results;
    private final SyscallCounter syscalls;

    Reports(Options options, List<Workload> workloads, Results results, SyscallCounter syscalls) {
        this.options = options;
        this.workloads = workloads;
        this.results = results;
        this.syscalls = syscalls;
    }

    void write() throws IOException {
        if (syscalls == SyscallCounter.NONE) {
            results.leaveOut(
                    "System calls: neither perf (raw_syscalls:sys_enter) nor strace may look at the servers here.");
        }
        Map<String, String> machine = Machine.describe();
        Map<String, String> settings = settings();
        Files.createDirectories(options.output);
        Path json = options.output.resolve("results.json");
        Files.writeString(
                json, JsonReport.of(machine, settings, workloads, results, new Goals(options, results).of(workloads)));
        Map<String, String> plots = new Plots(options, workloads, results).draw();
        for (Map.Entry<String, String> plot : plots.entrySet()) {
            Files.writeString(options.output.resolve(plot.getKey() + ".svg"), plot.getValue());
        }
        Path html = options.output.resolve("report.html");
        Files.writeString(html, new HtmlReport(options, workloads, results).of(machine, settings, plots));
        System.out.println("Written: " + html + ", " + json + " and " + plots.size() + " plots beside them");
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "measured",
                LocalDateTime.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")));
        settings.put("forks", Integer.toString(options.forks));
        settings.put("windows a fork", options.windows + " of " + options.seconds + " s");
        settings.put("warm-up a fork", options.warmupSeconds + " s");
        settings.put("server's CPU, load's CPU", options.serverCpu + ", " + options.loadCpu);
        settings.put("left out beyond", options.disturbance + " CPUs used by others");
        settings.put("system calls counted by", syscalls.name().toLowerCase(Locale.ROOT));
        return settings;
    }
}
