// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One jar of the program, this transport and Netty, with another prefix before all their packages. */
class ShadedJarTest {
    private static final String PREFIX = System.getProperty("packaging.prefix") + '.';
    private static final String PROGRAM = PREFIX + "dev.nettyuring.packaging.RoundTrip";

    @TempDir
    private Path folder;

    private static Path shaded() {
        return Published.target("netty-uring-packaging-tests-" + Published.VERSION + "-shaded.jar");
    }

    private Program run(List<Path> jars, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("-cp", Program.path(jars)));
        all.addAll(List.of(arguments));
        return Program.run(folder, Program.thisJava(), all.toArray(new String[0]));
    }

    @Test
    void hasNothingUnderTheOldNames() throws Exception {
        try (JarFile jar = new JarFile(shaded().toFile())) {
            List<String> classes = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .toList();
            assertThat(classes).hasSizeGreaterThan(1000).allMatch(name -> name.startsWith(PREFIX.replace('.', '/')));
        }
    }

    @Test
    void servesOverIoUring() throws Exception {
        run(List.of(shaded()), PROGRAM).succeeded(PREFIX);
    }

    @Test
    void doesNotGetInTheWayOfAnUnshadedCopyInTheSameProgram() throws Exception {
        List<Path> jars = new ArrayList<>(Published.programsJars());
        jars.add(shaded());
        jars.add(Path.of("target", "test-classes"));
        String[] programs = {RoundTrip.class.getName(), PROGRAM};
        Program both = run(jars, InTurn.class.getName(), programs[0], programs[1]);
        both.succeeded("");
        both.succeeded(PREFIX);
    }

    @Test
    void takesSystemPropertiesByTheirNewNames() throws Exception {
        Program without = run(List.of(shaded()), "-D" + PREFIX + "dev.nettyuring.disable=CACHESTAT", PROGRAM);
        without.succeeded(PREFIX);
        assertThat(without.output()).doesNotContain("CACHESTAT");
        Program with = run(List.of(shaded()), "-Ddev.nettyuring.disable=NO_SUCH_FEATURE", PROGRAM);
        with.succeeded(PREFIX);
    }
}
