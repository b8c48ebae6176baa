// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What is written of a run of everything. */
class ReportsTest {
    /** Of a character of the pictures' text, about. */
    private static final double CHARACTER_WIDTH = 6;

    private static final double LINE_HEIGHT = 10;

    @TempDir
    Path folder;

    private Options options;
    private List<Workload> workloads;
    private Results results;

    @BeforeEach
    void run() throws IOException {
        options = Options.parse(new String[] {"--output", folder.toString()});
        workloads = Workloads.chosen(options, new Site(folder, folder, 0, 1));
        results = MadeUpResults.of(options, workloads);
        new Reports(options, workloads, results, SyscallCounter.PERF).write();
    }

    private record Text(double left, double baseline, double right, String text) {
        boolean meets(Text other) {
            return Math.abs(baseline - other.baseline) < LINE_HEIGHT && left < other.right && other.left < right;
        }
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<Text> texts(Document picture) {
        List<Text> texts = new ArrayList<>();
        NodeList elements = picture.getElementsByTagName("text");
        for (int i = 0; i < elements.getLength(); i++) {
            Element element = (Element) elements.item(i);
            String style = element.getAttribute("class");
            if (style.equals("title") || style.equals("head")) {
                continue; // they have their line to themselves
            }
            double width = element.getTextContent().length() * CHARACTER_WIDTH;
            double x = Double.parseDouble(element.getAttribute("x"));
            double left = style.contains("end") ? x - width : style.contains("middle") ? x - width / 2 : x;
            double baseline = Double.parseDouble(element.getAttribute("y"));
            texts.add(new Text(left, baseline, left + width, element.getTextContent()));
        }
        return texts;
    }

    @Test
    void noTextOfAPictureCoversAnother() throws Exception {
        for (Map.Entry<String, String> plot :
                new Plots(options, workloads, results).draw().entrySet()) {
            List<Text> texts = texts(parse(plot.getValue()));
            for (int i = 0; i < texts.size(); i++) {
                for (Text other : texts.subList(i + 1, texts.size())) {
                    assertThat(texts.get(i).meets(other))
                            .as("%s: %s and %s", plot.getKey(), texts.get(i), other)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void allTextIsInsideItsPicture() throws Exception {
        for (Map.Entry<String, String> plot :
                new Plots(options, workloads, results).draw().entrySet()) {
            Document picture = parse(plot.getValue());
            double width = Double.parseDouble(picture.getDocumentElement().getAttribute("width"));
            double height = Double.parseDouble(picture.getDocumentElement().getAttribute("height"));
            assertThat(texts(picture))
                    .as(plot.getKey())
                    .allMatch(text -> text.left >= 0 && text.right <= width && text.baseline <= height);
        }
    }

    @Test
    void overviewHasEveryWorkloadThatHasALoad() throws IOException {
        String overview = Files.readString(folder.resolve("overview.svg"));
        assertThat(workloads)
                .filteredOn(workload -> !workload.idle())
                .allMatch(workload -> overview.contains('>' + workload.title() + '<'));
    }

    @Test
    void jsonHasEveryWindowAndEveryGoal() throws IOException {
        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("results.json")))
                .getAsJsonObject();
        assertThat(json.getAsJsonArray("windows")).hasSameSizeAs(results.windows());
        List<String> verdicts = new ArrayList<>();
        for (JsonElement goal : json.getAsJsonArray("goals")) {
            verdicts.add(goal.getAsJsonObject().get("verdict").getAsString());
        }
        assertThat(verdicts)
                .hasSize(workloads.stream()
                        .mapToInt(workload -> workload.goals().size())
                        .sum())
                .doesNotContain("not_measured");
    }

    @Test
    void reportNeedsNoOtherFile() throws IOException {
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report).doesNotContain("<img", "<link", "<script", "src=", "url(");
        assertThat(report).contains("<h2>Goals</h2>", "uring+splice");
    }
}
