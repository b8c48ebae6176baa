// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One page with everything in it. */
final class HtmlReport {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--text:#222;--page:#fff;--line:#ddd;--soft:#555}
            @media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#16181c;--line:#3a3d44;--soft:#aaa}}
            body{font:14px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:1180px;
              margin:2em auto;padding:0 1em}
            table{border-collapse:collapse;font-size:12px;margin:.5em 0 2em;display:block;overflow-x:auto}
            td,th{border-bottom:1px solid var(--line);padding:2px 6px;text-align:right;white-space:nowrap}
            td:first-child,th:first-child{text-align:left}th{vertical-align:bottom}
            svg{max-width:100%;height:auto}.soft{color:var(--soft)}dt{float:left;clear:left;width:14em}dd{margin-left:14em}
            .met,.met_within_noise{color:#00734f}.missed{color:#b3401b;font-weight:600}
            @media(prefers-color-scheme:dark){.met,.met_within_noise{color:#1fb58a}.missed{color:#f07b2a}}
            """;

    private static final String HOW_TO_READ =
            """
            <p>Each server has one event loop and runs on a CPU of its own, the load on another; where client and server share an
            event loop (piping), so do they the CPU. In every fork the servers are started anew, warmed, and measured in turns: a
            window of the first, of the second, and so on, and again. A figure is the median of the windows of all forks; beside
            it stand the least and the most. <b>×</b> is the ratio to the best of Netty's own transports in the same
            workload. Figures are comparable within this report, not with those of other machines.</p>
            <p>The load is closed: each connection has its requests under way, and sends the next when it is answered. So
            latencies are those of full load, and follow from throughput. Where the server's CPU is not in full use, the load or
            the waiting was the limit, and the CPU time for a request tells more than throughput does.</p>
            <p><b>Goals</b>: CPU time and p99 are to be no worse than the best of Netty's; <i>met within noise</i> says that they
            are, but that the middle halves of both one's windows overlap.</p>
            <p><b>zeroed</b>: memory is cleared before the kernel receives into it. With Netty's transports each receive buffer is
            cleared whole before each read, or before it is lent to the ring; with ours what was received is cleared when it is
            released (<code>scrubOnRelease</code>), which leaves no byte uncleared.</p>
            """;

    private final Options options;
    private final List<Workload> workloads;
    private final Results results;

    HtmlReport(Options options, List<Workload> workloads, Results results) {
        this.options = options;
        this.workloads = workloads;
        this.results = results;
    }

    String of(Map<String, String> machine, Map<String, String> settings, Map<String, String> plots) {
        StringBuilder html = new StringBuilder(
                        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                                + "<meta name=\"viewport\" content=\"width=device-width\"><title>Benchmarks of netty-uring</title><style>")
                .append(STYLE)
                .append("</style></head><body>\n<h1>Benchmarks of netty-uring</h1>\n");
        list(html, machine);
        list(html, settings);
        html.append("<h2>How to read it</h2>\n").append(HOW_TO_READ);
        goals(html);
        plots.values().forEach(plot -> html.append("<p>").append(plot).append("</p>\n"));
        html.append("<h2>All figures</h2>\n");
        workloads.stream().filter(results::has).forEach(workload -> table(html, workload));
        leftOut(html);
        return html.append("</body></html>\n").toString();
    }

    private void goals(StringBuilder html) {
        List<Goals.Outcome> outcomes = new Goals(options, results).of(workloads);
        if (outcomes.isEmpty()) {
            return;
        }
        html.append("<h2>Goals</h2>\n<table><tr><th>workload</th><th>contestant</th><th>of</th><th>asked</th>")
                .append("<th>measured</th><th>compared with</th><th></th></tr>\n");
        for (Goals.Outcome outcome : outcomes) {
            Goal goal = outcome.goal();
            html.append("<tr><td>").append(outcome.workload().id());
            html.append("</td><td>").append(Svg.escape(goal.contestant()));
            html.append("</td><td>").append(goal.metric().title());
            html.append("</td><td>").append(Svg.escape(goal.asked()));
            html.append("</td><td>").append(Double.isNaN(outcome.measured()) ? "–" : Metric.format(outcome.measured()));
            html.append("</td><td>").append(Svg.escape(outcome.best()));
            html.append("</td><td class=\"").append(outcome.verdict().name().toLowerCase(Locale.ROOT));
            html.append("\">").append(outcome.verdict().title()).append("</td></tr>\n");
        }
        html.append("</table>\n");
    }

    private static void list(StringBuilder html, Map<String, String> entries) {
        html.append("<dl>");
        entries.forEach((name, value) -> html.append("<dt class=\"soft\">")
                .append(Svg.escape(name))
                .append("</dt><dd>")
                .append(Svg.escape(value))
                .append("</dd>"));
        html.append("</dl>\n");
    }

    private void table(StringBuilder html, Workload workload) {
        List<Contestant> contestants = Bench.contestants(options, workload);
        List<Metric> metrics = Arrays.stream(Metric.values())
                .filter(metric -> contestants.stream()
                        .anyMatch(contestant ->
                                results.spread(workload, contestant, metric).isPresent()))
                .toList();
        html.append("<h3>")
                .append(Svg.escape(workload.title()))
                .append(" <span class=\"soft\">")
                .append(workload.id());
        html.append("</span></h3>\n<table><tr><th></th>");
        metrics.forEach(metric -> html.append("<th>")
                .append(metric.title())
                .append("<br>")
                .append(metric.unit(workload.bulk()))
                .append("</th>"));
        html.append("<th>windows:<br>counted</th><th>left<br>out</th></tr>\n");
        for (Contestant contestant : contestants) {
            html.append("<tr><td>").append(Svg.escape(contestant.label())).append("</td>");
            metrics.forEach(metric -> html.append("<td>")
                    .append(results.spread(workload, contestant, metric)
                            .map(HtmlReport::cell)
                            .orElse("–"))
                    .append("</td>"));
            html.append("<td>").append(counted(workload, contestant)).append("</td><td>");
            html.append(results.disturbed(workload, contestant)).append("</td></tr>\n");
        }
        html.append("</table>\n");
    }

    private int counted(Workload workload, Contestant contestant) {
        Optional<Spread> spread =
                results.spread(workload, contestant, workload.idle() ? Metric.IDLE_MEMORY : Metric.THROUGHPUT);
        return spread.map(Spread::count).orElse(0);
    }

    private static String cell(Spread spread) {
        String median = Metric.format(spread.median());
        return spread.count() == 1
                ? median
                : median + "<br><span class=\"soft\">[" + Metric.format(spread.min()) + ", "
                        + Metric.format(spread.max()) + "]</span>";
    }

    private void leftOut(StringBuilder html) {
        long disturbed = results.windows().stream().filter(Window::disturbed).count();
        html.append("<h2>What was left out</h2>\n<ul>");
        html.append(String.format(
                "<li>%d of %d windows, since others used more than %s CPUs meanwhile, or the hypervisor gave as much to"
                        + " others; each was repeated up to twice, as long as that did not make the run late.</li>",
                disturbed, results.windows().size(), options.disturbance));
        results.leftOut()
                .forEach(what -> html.append("<li>").append(Svg.escape(what)).append("</li>"));
        html.append("</ul>\n");
    }
}
