// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringConfig;
import java.io.IOException;
import java.lang.reflect.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classes and members of this project that the manuals name exist. */
class NamesTest {
    private static final List<String> PACKAGES = List.of("channel", "buffer", "ring");
    /** A class of the project's, by its own name, and perhaps one of its members. */
    private static final Pattern NAME =
            Pattern.compile("(Uring(?:[A-Z]\\w*)?|Transports?|ZeroCopy|Feature)(?:\\.(?:Builder\\.)?(\\w+))?\\b.*");

    private static Set<String> sources;

    @BeforeAll
    static void findSources() throws IOException {
        try (Stream<Path> files = Files.walk(Manuals.ROOT)) {
            sources = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .collect(Collectors.toSet());
        }
    }

    static List<Path> manuals() throws IOException {
        return Manuals.all();
    }

    @ParameterizedTest
    @MethodSource("manuals")
    void everyNameIsOne(Path manual) throws IOException {
        List<String> unknown = new ArrayList<>();
        for (String code : Manuals.code(manual)) {
            Matcher name = NAME.matcher(code);
            if (name.matches() && !exists(name.group(1), name.group(2))) {
                unknown.add(code);
            }
        }
        assertThat(unknown).as("in %s", manual).isEmpty();
    }

    private static boolean exists(String type, String member) {
        for (String folder : PACKAGES) {
            try {
                String name = "dev.nettyuring." + folder + '.' + type;
                Class<?> found = Class.forName(name, false, NamesTest.class.getClassLoader());
                return member == null || member.equals("class") || hasMember(found, member);
            } catch (ClassNotFoundException e) {
                // in another package
            }
        }
        return sources.contains(type + ".java"); // of another module
    }

    private static boolean hasMember(Class<?> type, String name) {
        List<Class<?>> places = type == UringConfig.class ? List.of(type, UringConfig.Builder.class) : List.of(type);
        return places.stream().flatMap(NamesTest::members).anyMatch(name::equals);
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(
                        Arrays.stream(type.getMethods()).map(Member::getName),
                        Arrays.stream(type.getFields()).map(Member::getName),
                        Arrays.stream(type.getDeclaredMethods()).map(Member::getName),
                        Arrays.stream(type.getClasses()).map(Class::getSimpleName))
                .flatMap(names -> names);
    }
}
