// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.EndedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * The transport with a bug in it: its own sources, in which a line is another, compiled for one test. What is shipped has
 * none of them.
 */
final class BrokenBuild {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path NATIVE = ROOT.resolve("transport-uring-native");

    private BrokenBuild() {}

    /** What stands for what in which file; the file has the text, or the test fails. */
    record Change(String file, String text, String replacement) {
        private String apply(String source) {
            assertThat(source).as(file).contains(text);
            return source.replace(text, replacement);
        }
    }

    /** Compiles changed classes; returns the folder to put in front of the class path. */
    static Path classes(Path folder, Change... changes) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        List<String> command = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp"));
        command.add(System.getProperty("java.class.path"));
        for (Path source : changed(folder, ROOT, changes)) {
            command.add(source.toString());
        }
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, command.toArray(new String[0]));
        assertThat(result).as("javac's result").isZero();
        return classes;
    }

    /** Compiles the shim as {@code make sanitized} does, but for warnings, which would find some bugs first; returns the library's folder. */
    static Path shim(Path folder, Change... changes) throws Exception {
        copy(NATIVE.resolve("target/jni"), folder.resolve("jni"));
        Path sources = copy(NATIVE.resolve("src/main/c"), folder.resolve("c"));
        changed(sources, sources, changes);
        ProcessBuilder make = new ProcessBuilder(
                        "make",
                        "-s",
                        "sanitized",
                        "WARNINGS=-w",
                        "BUILD=" + folder,
                        "JDK=" + System.getProperty("java.home"))
                .directory(sources.toFile());
        EndedProcess ended = EndedProcess.of(folder, make);
        assertThat(ended.status()).as(ended.printed()).isZero();
        return folder.resolve("sanitized");
    }

    /** Writes what the files are with their changes, in {@code to}. */
    private static List<Path> changed(Path to, Path from, Change... changes) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String file : Stream.of(changes).map(Change::file).distinct().collect(Collectors.toList())) {
            String source = Files.readString(from.resolve(file));
            for (Change change : changes) {
                source = change.file().equals(file) ? change.apply(source) : source;
            }
            files.add(Files.writeString(to.resolve(Path.of(file).getFileName()), source));
        }
        return files;
    }

    /** With the times, which make(1) goes by. */
    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.collect(Collectors.toList())) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return to;
    }
}
