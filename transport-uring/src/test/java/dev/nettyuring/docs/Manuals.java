// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Markdown files of the repository: its README, those of modules, and what is in {@code docs}. */
final class Manuals {
    /** Of the repository; tests run in the folder of their module. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final int DEPTH = 3;
    private static final Pattern FENCED = Pattern.compile("^```.*?^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern IN_CODE = Pattern.compile("`([^`\n]+)`");

    private Manuals() {}

    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, DEPTH)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target/"))
                    .sorted()
                    .toList();
        }
    }

    /** Without what stands in blocks of code. */
    static String prose(Path manual) throws IOException {
        return FENCED.matcher(Files.readString(manual)).replaceAll("");
    }

    /** What stands between backticks in the prose. */
    static List<String> code(Path manual) throws IOException {
        List<String> code = new ArrayList<>();
        Matcher matcher = IN_CODE.matcher(prose(manual));
        while (matcher.find()) {
            code.add(matcher.group(1));
        }
        return code;
    }
}
