// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Every window's figures. */
final class JsonReport {
    private JsonReport() {}

    static String of(
            Map<String, String> machine,
            Map<String, String> settings,
            List<Workload> workloads,
            Results results,
            List<Goals.Outcome> goals) {
        return "{\n  \"machine\": " + strings(machine)
                + ",\n  \"settings\": " + strings(settings)
                + ",\n  \"workloads\": "
                + array(workloads.stream().map(JsonReport::workload).toList())
                + ",\n  \"goals\": "
                + array(goals.stream().map(JsonReport::goal).toList())
                + ",\n  \"leftOut\": "
                + array(results.leftOut().stream().map(JsonReport::quote).toList())
                + ",\n  \"windows\": "
                + array(results.windows().stream().map(JsonReport::window).toList())
                + "\n}\n";
    }

    private static String workload(Workload workload) {
        return String.format(
                "{\"id\": %s, \"title\": %s, \"throughput\": %s, \"cpu\": %s}",
                quote(workload.id()),
                quote(workload.title()),
                quote(Metric.THROUGHPUT.unit(workload.bulk())),
                quote(Metric.CPU.unit(workload.bulk())));
    }

    private static String goal(Goals.Outcome outcome) {
        Goal goal = outcome.goal();
        return String.format(
                Locale.ROOT,
                "{\"workload\": %s, \"contestant\": %s, \"metric\": %s, \"asked\": %s, \"measured\": %s, \"comparedWith\": %s,"
                        + " \"verdict\": %s}",
                quote(outcome.workload().id()),
                quote(goal.contestant()),
                quote(goal.metric().name().toLowerCase(Locale.ROOT)),
                quote(goal.asked()),
                Double.isNaN(outcome.measured()) ? "null" : number(outcome.measured()),
                quote(outcome.best()),
                quote(outcome.verdict().name().toLowerCase(Locale.ROOT)));
    }

    private static String window(Window window) {
        String figures = window.figures().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> quote(entry.getKey().name().toLowerCase(Locale.ROOT)) + ": " + number(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
        return String.format(
                Locale.ROOT,
                "{\"workload\": %s, \"contestant\": %s, \"fork\": %d, \"round\": %d, \"others\": %s, \"disturbed\": %b,"
                        + " \"figures\": %s}",
                quote(window.workload()),
                quote(window.contestant()),
                window.fork(),
                window.round(),
                number(window.others()),
                window.disturbed(),
                figures);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }

    private static String strings(Map<String, String> map) {
        return map.entrySet().stream()
                .map(entry -> quote(entry.getKey()) + ": " + quote(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String array(List<String> elements) {
        return elements.isEmpty() ? "[]" : elements.stream().collect(Collectors.joining(",\n    ", "[\n    ", "\n  ]"));
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
