// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.jni.Errno;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which errors fault injection gives to operations. */
class OperationErrorsTest {
    private static final String MANUAL = "6.03";
    private static final Pattern NAME = Pattern.compile("\\bE[A-Z0-9]{2,}\\b");
    private static final int SEEDS = 100;
    private static final int DRAWS = 2000;

    /** Where the manual is installed, in the version that the table was written from. */
    @ParameterizedTest
    @EnumSource(value = OperationErrors.Page.class, mode = EnumSource.Mode.EXCLUDE, names = "IO_URING_ENTER")
    void thePageNamesThese(OperationErrors.Page page) throws IOException {
        String[] parts = page.name.split(" ");
        Path file = Path.of("/usr/share/man/man" + parts[0] + '/' + parts[1] + '.' + parts[0] + ".gz");
        assumeTrue(Files.exists(file), file + " is not installed");
        List<String> lines = lines(file);
        if (lines.get(0).startsWith(".so ")) {
            lines = lines(file.resolveSibling("../" + lines.get(0).substring(".so ".length()) + ".gz"));
        }
        assumeTrue(lines.stream().anyMatch(line -> line.startsWith(".TH") && line.contains(MANUAL)), "another version");
        assertThat(names(page.errors)).containsAll(namedAsErrors(lines));
        String text = String.join("\n", lines);
        assertThat(names(page.errors)).allSatisfy(name -> assertThat(text.replace("EAFNOTSUPPORT", "EAFNOSUPPORT"))
                .contains(name));
    }

    private static List<String> lines(Path file) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return reader.lines().collect(Collectors.toList());
        }
    }

    /** Those that the section on errors begins a paragraph with. */
    private static Set<String> namedAsErrors(List<String> page) {
        Set<String> found = new TreeSet<>();
        boolean errors = false;
        boolean tag = false;
        for (String line : page) {
            if (line.startsWith(".SH")) {
                errors = line.contains("ERRORS");
            }
            for (Matcher name = NAME.matcher(line); errors && tag && name.find(); ) {
                found.add(name.group());
            }
            tag = line.startsWith(".TP") || line.startsWith(".TQ");
        }
        found.remove("EWOULDBLOCK");
        found.remove("EAFNOTSUPPORT"); // tcp(7) means EAFNOSUPPORT
        return found;
    }

    private static Set<String> names(int... errors) {
        return IntStream.of(errors).mapToObj(Errno::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @EnumSource(OperationErrors.class)
    void seedsInjectAllThatThePagesName(OperationErrors errors) {
        Set<String> injected = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            FaultPlan plan = new FaultPlan(seed);
            plan.arm(true);
            Random random = new Random(seed);
            for (int i = 0; i < DRAWS; i++) {
                injected.addAll(names(plan.error(errors.opcodes()[0], false, random)));
            }
        }
        injected.remove(Errno.name(0));
        Set<String> named = names(errors.pages().stream()
                .flatMapToInt(page -> IntStream.of(page.errors))
                .toArray());
        assertThat(injected).containsAll(named);
        named.addAll(names(errors.soft));
        assertThat(injected).isEqualTo(named);
    }

    /** Of what is tried again, or gone on after, there is nothing that no page names, but to be cancelled. */
    @ParameterizedTest
    @EnumSource(OperationErrors.class)
    void whatIsGoneOnAfterIsNamedAsWell(OperationErrors errors) {
        Set<String> named = names(errors.pages().stream()
                .flatMapToInt(page -> IntStream.of(page.errors))
                .toArray());
        named.add("ECANCELED");
        assertThat(named).containsAll(names(errors.soft));
    }
}
