// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the manuals link to within the repository is there. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|href|srcset)=\"([^\"]+)\"");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.+?) *$", Pattern.MULTILINE);

    static List<Path> manuals() throws IOException {
        return Manuals.all();
    }

    @ParameterizedTest
    @MethodSource("manuals")
    void everyLinkLeadsSomewhere(Path manual) throws IOException {
        List<String> dead = new ArrayList<>();
        Matcher link = LINK.matcher(Manuals.prose(manual).replaceAll("`[^`\n]*`", ""));
        while (link.find()) {
            String target = link.group(1) != null ? link.group(1) : link.group(2);
            if (!ELSEWHERE.matcher(target).matches() && !exists(manual, target)) {
                dead.add(target);
            }
        }
        assertThat(dead).as("dead links in %s", manual).isEmpty();
    }

    private static boolean exists(Path manual, String target) throws IOException {
        String[] parts = target.split("#", 2);
        Path file =
                parts[0].isEmpty() ? manual : manual.resolveSibling(parts[0]).normalize();
        return Files.exists(file)
                && (parts.length == 1 || anchors(Files.readString(file)).contains(parts[1]));
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(String markdown) {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        Matcher heading = HEADING.matcher(markdown);
        while (heading.find()) {
            String anchor = heading.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + '-' + before);
        }
        return anchors;
    }

    @Test
    void theGuidesAreAmongTheManuals() throws IOException {
        assertThat(Manuals.all())
                .contains(Manuals.ROOT.resolve("README.md"), Manuals.ROOT.resolve("docs/migration.md"));
    }
}
