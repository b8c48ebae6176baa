// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import dev.nettyuring.microbench.Transport;
import java.util.Arrays;
import java.util.Locale;

/** A picture that can be read on a light and on a dark page, and by whoever does not see all colours. */
final class Svg {
    /** Okabe and Ito's colours, which the colour-blind can tell apart; the last is for programs in C. */
    private static final String[] LIGHT = {"#d55e00", "#8a8a8a", "#e69f00", "#56b4e9", "#0072b2", "#009e73", "#cc79a7"};

    private static final String[] DARK = {"#f07b2a", "#9a9a9a", "#e6a817", "#7cc7f2", "#3d95d6", "#1fb58a", "#dd93bd"};

    private final StringBuilder body = new StringBuilder();
    private final int width;

    Svg(int width) {
        this.width = width;
    }

    /** The class that colours a contestant. */
    static String colour(Contestant contestant) {
        int index = contestant.isC()
                ? LIGHT.length - 1
                : Arrays.stream(Transport.values())
                        .map(Transport::label)
                        .toList()
                        .indexOf(contestant.transport());
        return "c" + index + (contestant.zeroed() ? " zeroed" : "");
    }

    void rect(double x, double y, double width, double height, String style) {
        format(
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                style, x, y, width, height);
    }

    void line(double x1, double y1, double x2, double y2, String style) {
        format("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", style, x1, y1, x2, y2);
    }

    void circle(double x, double y, double radius, String style) {
        format("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>%n", style, x, y, radius);
    }

    void text(double x, double y, String style, String text) {
        format("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", style, x, y, escape(text));
    }

    private void format(String format, Object... arguments) {
        body.append(String.format(Locale.ROOT, format, arguments));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    String finish(int height, String description) {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
                        + " aria-label=\"%s\">%n<style>%s</style>%n%s</svg>%n",
                width,
                height,
                width,
                height,
                escape(description).replace("\"", "&quot;"),
                style(),
                body);
    }

    private static String style() {
        StringBuilder style = new StringBuilder(
                """
                svg{font-family:system-ui,sans-serif;font-size:11px}
                text{fill:#222}.title{font-size:16px;font-weight:600}.head{font-size:12px;font-weight:600}
                .unit{fill:#555}.end{text-anchor:end}.middle{text-anchor:middle}
                .whisker{stroke:#222;stroke-width:1}.grid{stroke:#ccc;stroke-width:1}.zeroed{opacity:.55}
                """);
        colours(style, LIGHT);
        style.append(
                """
                @media(prefers-color-scheme:dark){text{fill:#e6e6e6}.unit{fill:#aaa}.whisker{stroke:#eee}.grid{stroke:#444}
                """);
        colours(style, DARK);
        return style.append("}\n.hollow{fill:none;stroke-width:2}").toString();
    }

    private static void colours(StringBuilder style, String[] colours) {
        for (int i = 0; i < colours.length; i++) {
            style.append(".c")
                    .append(i)
                    .append("{fill:")
                    .append(colours[i])
                    .append(";stroke:")
                    .append(colours[i])
                    .append("}\n");
        }
    }
}
