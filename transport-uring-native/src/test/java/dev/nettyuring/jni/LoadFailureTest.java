// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the loader's errors say, as they come from its own or the C library's. */
class LoadFailureTest {
    @TempDir
    private Path classPath;

    private String explain(Throwable thrown, String architecture) throws IOException {
        URL[] urls = {classPath.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, null)) {
            UnsatisfiedLinkError explained = LoadFailure.explain(thrown, architecture, loader);
            assertThat(explained).hasCause(thrown);
            assertThat(explained.getMessage().lines()).hasSize(1);
            return explained.getMessage();
        }
    }

    private String explain(Throwable thrown) throws IOException {
        putLibrary("x86_64");
        return explain(thrown, "x86_64");
    }

    private void putLibrary(String architecture) throws IOException {
        Path library = classPath.resolve(LibraryName.resource(architecture));
        Files.createDirectories(library.getParent());
        Files.write(library, new byte[0]);
    }

    @Test
    void anArchitectureWithoutALibrary() throws IOException {
        assertThat(explain(new UnsatisfiedLinkError("x"), "sparc_64"))
                .contains("no native library for the architecture", "x86-64, AArch64 and RISC-V 64");
    }

    @Test
    void aLibraryThatIsNotOnTheClassPath() throws IOException {
        assertThat(explain(new UnsatisfiedLinkError("x"), "x86_64"))
                .contains("for x86_64 is not on the class path", "found: none", "META-INF/native", "shaded");
        putLibrary("aarch_64");
        assertThat(explain(new UnsatisfiedLinkError("x"), "x86_64")).contains("found: aarch_64");
    }

    @Test
    void aFolderThatIsMountedNoexec() throws IOException {
        assertThat(explain(new UnsatisfiedLinkError("/tmp/libnetty_uring_x86_641.so: /tmp/libnetty_uring_x86_641.so:"
                        + " failed to map segment from shared object")))
                .contains(System.getProperty("java.io.tmpdir"), "noexec", "-Dio.netty.native.workdir=");
    }

    @Test
    void anotherCLibrary() throws IOException {
        assertThat(
                        explain(
                                new UnsatisfiedLinkError(
                                        "/tmp/a.so: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.31' not found (required by\n/tmp/a.so)")))
                .contains("glibc 2.31 or newer", "musl", "GLIBC_2.31' not found");
        assertThat(explain(
                        new UnsatisfiedLinkError("/tmp/a.so: Error loading shared library ld-linux-x86-64.so.2: No such"
                                + " file or directory")))
                .contains("glibc 2.31 or newer", "musl");
    }

    @Test
    void aFolderThatCannotBeWrittenTo() throws IOException {
        UnsatisfiedLinkError thrown = new UnsatisfiedLinkError("could not load a native library: netty_uring_x86_64");
        thrown.initCause(new IOException("No space left on device"));
        assertThat(explain(thrown))
                .contains("cannot be written to", "No space left on device", "-Dio.netty.native.workdir=");
    }

    @Test
    void aJvmThatDeniesNativeAccess() throws IOException {
        UnsatisfiedLinkError thrown = new UnsatisfiedLinkError("could not load a native library: netty_uring_x86_64");
        thrown.initCause(new IllegalCallerException("Illegal native access from unnamed module"));
        assertThat(explain(thrown)).contains("--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void anythingElseInItsOwnWords() throws IOException {
        assertThat(explain(new UnsatisfiedLinkError("/tmp/a.so: wrong ELF class: ELFCLASS32")))
                .contains("does not load", "wrong ELF class");
    }
}
