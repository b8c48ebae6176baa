// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.channel.CProgram;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar transport-uring.jar}, as the build leaves it and elsewhere. */
class DoctorTest {
    private static final int LIMIT_SECONDS = 60;
    private static final Path TARGET = Path.of("../transport-uring/target");
    private static final String TWO_LOOPS = "-Dio.netty.eventLoopThreads=2";
    private static final EnumSet<Feature> MATTER =
            EnumSet.of(Feature.PBUF_RING, Feature.PBUF_INC, Feature.SEND_ZC, Feature.FIXED_BUFFERS);

    @TempDir
    private Path temporary;

    private Path jar;

    private record Result(int status, String output, String errors) {}

    @BeforeEach
    void theJar() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            List<Path> jars = files.filter(
                            file -> file.getFileName().toString().matches("transport-uring-\\d[^-]*(-SNAPSHOT)?\\.jar"))
                    .toList();
            assumeTrue(!jars.isEmpty(), "jars are there after mvn package");
            jar = jars.get(0);
        }
    }

    /** Without the tests' own settings. */
    private Result java(List<String> wrapper, String... arguments) throws Exception {
        Path output = temporary.resolve("output");
        Path errors = temporary.resolve("errors");
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(TWO_LOOPS);
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ends in time")
                    .isTrue();
            return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
        } finally {
            process.destroyForcibly();
        }
    }

    private Result doctor(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("-jar", jar.toString()));
        all.addAll(List.of(arguments));
        return java(List.of(), all.toArray(new String[0]));
    }

    private static boolean hasAllThatMatters() {
        return Uring.features().containsAll(MATTER);
    }

    @Test
    void theBuiltTreeHasAllItNeeds() throws Exception {
        assumeTrue(System.getProperty(Feature.DISABLE_PROPERTY, "").isBlank(), "what is found is the same as here");
        Result result = doctor();
        assertThat(result.errors()).isEmpty();
        assertThat(result.output())
                .startsWith("io_uring works, ")
                .contains("kernel ", System.getProperty("os.version"), "locked memory ", "open files ", "seccomp ");
        for (Feature feature : Feature.values()) {
            assertThat(result.output())
                    .containsPattern((Uring.features().contains(feature) ? "yes  " : "no   ") + feature + " +\\S");
        }
        boolean limited =
                result.output().contains("RLIMIT_MEMLOCK, ") || result.output().contains("RLIMIT_NOFILE ");
        assertThat(result.status()).isEqualTo(limited || !hasAllThatMatters() ? 1 : 0);
    }

    @Test
    void asJson() throws Exception {
        Result result = doctor("--json");
        assertThat(result.errors()).isEmpty();
        assertThat(result.output())
                .startsWith("{\n  \"status\": " + result.status() + ",\n")
                .contains(
                        "\"transport\": \"io_uring\"", "\"eventLoops\": 2", "\"name\": \"PBUF_RING\"", "\"whyNot\": {}")
                .endsWith("\n}\n");
    }

    @Test
    void littleLockedMemoryMatters() throws Exception {
        List<String> wrapper = new ArrayList<>(List.of("prlimit", "--memlock=" + (2 << 20)));
        if ("root".equals(System.getProperty("user.name"))) {
            wrapper.addAll(List.of("setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"));
        }
        Result result = java(wrapper, "-jar", jar.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output())
                .startsWith("io_uring works, but something that matters is missing.")
                .contains("RLIMIT_MEMLOCK, 2048 KiB, is little for 2 event loops", "ulimit -l 4296");
    }

    @Test
    void aSeccompFilterIsNamedWithWhatToAllow() throws Exception {
        String program = CProgram.compile(temporary, "deny_io_uring").toString();
        for (int errno : new int[] {Errno.EPERM, Errno.ENOSYS}) {
            Result result = java(List.of(program, String.valueOf(errno)), "-jar", jar.toString());
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.errors()).isEmpty();
            assertThat(result.output())
                    .startsWith("io_uring cannot be used here")
                    .contains(
                            Errno.name(errno),
                            "seccomp filter",
                            "allow io_uring_setup, io_uring_enter and io_uring_register",
                            "container's profile");
        }
    }

    @Test
    void whatIsSwitchedOffIsNotWhatMatters() throws Exception {
        Result without = java(List.of(), "-Ddev.nettyuring.disable=pbuf_inc", "-jar", jar.toString());
        assertThat(without.output()).contains("  off  PBUF_INC", "switched off by -Ddev.nettyuring.disable");
        assertThat(without.status()).isLessThan(2);
    }

    @Test
    void whatFallsBackHasAStatusOfItsOwn() throws Exception {
        Result result = java(List.of(), "-Dos.name=Plan 9", "-jar", jar.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errors()).isEmpty();
        assertThat(result.output())
                .startsWith("io_uring cannot be used here: with this class path programs fall back to nio.")
                .contains("Linux only; this is Plan 9", "not epoll");
        Result json = java(List.of(), "-Dos.name=Plan 9", "-jar", jar.toString(), "--json");
        assertThat(json.status()).isEqualTo(2);
        assertThat(json.output()).contains("\"weight\": \"FALLS_BACK\"", "\"transport\": \"nio\"", "\"io_uring\": \"");
    }

    @Test
    void aWrongPropertyIsSaid() throws Exception {
        Result result = java(List.of(), "-Ddev.nettyuring.receiveBuffers=none", "-jar", jar.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).startsWith("Event loops cannot be made.").contains("receiveBuffers");
    }

    @Test
    void besideTheOthersItWorksWhereverTheyAre() throws Exception {
        Path folder = Files.createDirectory(temporary.resolve("app"));
        Path copy = Files.copy(jar, folder.resolve(jar.getFileName()));
        try (Stream<Path> libraries = Files.list(TARGET.resolve("lib"))) {
            for (Path library : libraries.toList()) {
                Files.copy(library, folder.resolve(library.getFileName()));
            }
        }
        Result result = java(List.of(), "-jar", copy.toString());
        assertThat(result.output()).startsWith("io_uring works, ");
    }

    @Test
    void aloneItSaysWhatIsMissingAndHowToComeByIt() throws Exception {
        Path copy = Files.copy(jar, temporary.resolve(jar.getFileName()));
        Result result = java(List.of(), "-Duser.home=" + temporary, "-jar", copy.toString());
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors())
                .contains(copy.getFileName() + " needs Netty 4.2", "netty-common", "netty-transport", "buffer-pool")
                .contains(temporary.toString(), "dependency:copy-dependencies", "java -cp CLASSPATH")
                .doesNotContain("Exception");
    }

    @Test
    void onAProgramsOwnClassPath() throws Exception {
        Result result = java(List.of(), "-cp", System.getProperty("java.class.path"), "dev.nettyuring.doctor.Launcher");
        assertThat(result.output()).startsWith("io_uring works, ");
    }

    @Test
    void anUnknownOptionIsSaid() throws Exception {
        Result result = doctor("--jsn");
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errors()).contains("--jsn", "usage: ", "--json", "exit status");
        assertThat(doctor("--help").output()).contains("usage: ", "--json");
    }
}
