// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Host;
import dev.nettyuring.testsuite.Commands;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where io_uring cannot be had programs go on with what can, and say in one line why. Each in a process of its own, {@link
 * ChosenTransport}, on a machine that was made to refuse.
 */
class FallbackTest {
    private static final String CALLS = "allow io_uring_setup, io_uring_enter and io_uring_register";
    private static final int KIB = 1024;
    /** Two: none is taken from by what the test's own configuration says of rings. */
    private static final String THREADS = "2";

    private static final String SUBMISSION_ENTRIES = "-Ddev.nettyuring.submissionEntries=512";
    private static final String COMPLETION_ENTRIES = "-Ddev.nettyuring.completionEntries=4096";

    @TempDir
    private Path temporary;

    /** Checks that all was served, over {@code name}, and that the log has one line of that. Returns what was printed. */
    private String served(String name, List<String> wrapper, String... jvmArguments) throws Exception {
        return served(name, THREADS, wrapper, jvmArguments);
    }

    private String served(String name, String threads, List<String> wrapper, String... jvmArguments) throws Exception {
        String printed = JavaProcess.output(temporary, wrapper, List.of(jvmArguments), ChosenTransport.class, threads);
        assertThat(printed)
                .contains(ChosenTransport.CHOSEN + name + '\n', ChosenTransport.DONE)
                .doesNotContain("Exception", "LEAK");
        assertThat(printed.lines().filter(line -> line.contains(" Transports - transport: ")))
                .singleElement()
                .asString()
                .contains("INFO", "transport: " + name);
        return printed;
    }

    private List<String> denying(int errno) throws Exception {
        return List.of(CProgram.compile(temporary, "deny_io_uring").toString(), String.valueOf(errno));
    }

    static boolean canMount() throws Exception {
        return Commands.mustDoAll()
                || new ProcessBuilder("unshare", "-m", "true").start().waitFor() == 0;
    }

    /** A command to start another in a mount namespace of its own, after some of the shell's. */
    private static List<String> inMountNamespace(String commands, List<String> wrapper) {
        List<String> all = new ArrayList<>(List.of("unshare", "-m", "sh", "-ec", commands + "; exec \"$@\"", "sh"));
        all.addAll(wrapper);
        return all;
    }

    /** A kernel that says another thing in one of its files. */
    private List<String> saying(String file, String content, List<String> wrapper) throws IOException {
        assumeTrue(Files.exists(Path.of(file)), file);
        Path said = Files.writeString(temporary.resolve("said"), content + '\n');
        return inMountNamespace("mount --bind " + said + ' ' + file, wrapper);
    }

    private static String classPathWithout(String part) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains(part))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void whereNothingIsAmissIoUringIsChosen() throws Exception {
        assertThat(served("io_uring", List.of())).contains("available: true").doesNotContain("not io_uring");
    }

    @Test
    void aContainerThatForbidsIt() throws Exception {
        assertThat(served("epoll", denying(Errno.EPERM)))
                .contains("available: false", "EPERM", "seccomp filter forbids", CALLS)
                .doesNotContain("sysctl");
    }

    @Test
    void aContainerThatHidesIt() throws Exception {
        assertThat(served("epoll", denying(Errno.ENOSYS))).contains("ENOSYS", "seccomp filter hides", CALLS);
    }

    @Test
    void aKernelWithoutIt() throws Exception {
        List<String> strace = List.of(
                "strace",
                "-f",
                "-o",
                temporary.resolve("trace").toString(),
                "-e",
                "trace=io_uring_setup",
                "-e",
                "inject=io_uring_setup:error=ENOSYS");
        boolean inContainer = Host.current().hasSeccompFilter();
        assertThat(served("epoll", strace))
                .contains("ENOSYS", inContainer ? "seccomp filter hides" : "CONFIG_IO_URING");
    }

    @Test
    @EnabledIf("canMount")
    void anOldKernel() throws Exception {
        List<String> wrapper = saying("/proc/sys/kernel/osrelease", "5.10.0-28-amd64", denying(Errno.EINVAL));
        assertThat(served("epoll", wrapper))
                .contains("EINVAL", "this kernel is 5.10.0-28-amd64, and 6.1 or newer is needed");
    }

    @Test
    @EnabledIf("canMount")
    void aSysctlThatSwitchesItOff() throws Exception {
        List<String> wrapper = saying("/proc/sys/kernel/io_uring_disabled", "2", denying(Errno.EPERM));
        assertThat(served("epoll", wrapper))
                .contains("EPERM", "kernel.io_uring_disabled=2", "sysctl kernel.io_uring_disabled=0")
                .doesNotContain("seccomp");
    }

    /** The kernel of this test allows it to processes with CAP_SYS_ADMIN, which this one gives up. */
    @Test
    @EnabledIf("canMount")
    void aSysctlThatSwitchesItOffForUsers() throws Exception {
        List<String> wrapper =
                new ArrayList<>(List.of("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"));
        wrapper.addAll(denying(Errno.EPERM));
        assertThat(served("epoll", saying("/proc/sys/kernel/io_uring_disabled", "1", wrapper)))
                .contains("kernel.io_uring_disabled=1", "kernel.io_uring_group")
                .doesNotContain("seccomp");
    }

    /** The probe's ring fits, and the loops' do not; unless the kernel charges nobody for rings (before 6.14). */
    @Test
    void tooLittleLockedMemoryForALoop() throws Exception {
        String printed = servedWith(64 * KIB, THREADS);
        assertThat(printed).satisfiesAnyOf(this::choseIoUring, text -> assertThat(text)
                .contains(
                        "available: true",
                        "2 event loops need",
                        "ENOMEM",
                        "RLIMIT_MEMLOCK",
                        "needs 100 KiB",
                        "64 KiB"));
    }

    /** Enough for one loop, or two; not for as many as there are to be. */
    @Test
    void tooLittleLockedMemoryForAllLoops() throws Exception {
        assertThat(servedWith(320 * KIB, "1")).satisfies(this::choseIoUring);
        Files.delete(temporary.resolve("output"));
        assertThat(servedWith(320 * KIB, "8")).satisfiesAnyOf(this::choseIoUring, text -> assertThat(text)
                .contains("chosen: epoll", "8 event loops need", "ENOMEM", "RLIMIT_MEMLOCK", "320 KiB"));
    }

    private String servedWith(int lockedBytes, String threads) throws Exception {
        String printed = JavaProcess.output(
                temporary,
                MemoryLimit.of(lockedBytes),
                List.of(SUBMISSION_ENTRIES, COMPLETION_ENTRIES),
                ChosenTransport.class,
                threads);
        assertThat(printed).contains(ChosenTransport.DONE).doesNotContain("Exception", "LEAK");
        return printed;
    }

    private void choseIoUring(String printed) {
        assertThat(printed).contains(ChosenTransport.CHOSEN + "io_uring");
    }

    @Test
    void withoutEpollOnTheClassPathNioIsChosen() throws Exception {
        assertThat(served("nio", denying(Errno.EPERM), "-cp", classPathWithout("epoll")))
                .contains("not epoll since netty-transport-classes-epoll of Netty 4.2 is not on the class path");
    }

    @Test
    void withoutEpollsLibraryNioIsChosen() throws Exception {
        assertThat(served("nio", denying(Errno.EPERM), "-cp", classPathWithout("netty-transport-native-epoll")))
                .contains("not epoll since netty-transport-native-epoll is not on the class path", "linux-x86_64");
    }

    @Test
    void whereNothingNativeIsWantedNioIsChosen() throws Exception {
        assertThat(served("nio", List.of(), "-Dio.netty.transport.noNative=true"))
                .contains("not io_uring since -Dio.netty.transport.noNative=true");
    }

    @Test
    void onOtherSystemsNioIsChosen() throws Exception {
        assertThat(served("nio", List.of(), "-Dos.name=Plan 9"))
                .contains(
                        "available: false", "Linux only; this is Plan 9", "not epoll since epoll exists on Linux only");
    }

    @Test
    void onOtherArchitecturesNioIsChosen() throws Exception {
        assertThat(served("nio", List.of(), "-Dos.arch=sparcv9"))
                .contains("not io_uring since there is no native library for the architecture sparcv9", "AArch64");
    }

    @Test
    @EnabledIf("canMount")
    void whereTemporaryFilesCannotBeExecuted() throws Exception {
        Path folder = Files.createDirectory(temporary.resolve("noexec"));
        List<String> wrapper = inMountNamespace("mount -t tmpfs -o noexec tmpfs " + folder, List.of());
        assertThat(served("nio", wrapper, "-Djava.io.tmpdir=" + folder))
                .contains("available: false", folder + ", which is mounted noexec", "-Dio.netty.native.workdir=DIR");
    }

    @Test
    void whereTheLibraryWasLeftOut() throws Exception {
        assertThat(served("epoll", List.of(), "-cp", classPathWithoutOurLibrary()))
                .contains("is not on the class path (found: none)", "META-INF/native");
    }

    /** As a build that shades jars and forgets the libraries makes it. */
    private String classPathWithoutOurLibrary() throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.exists(path.resolve("META-INF/native")) && Files.exists(path.resolve("dev/nettyuring/jni"))) {
                Path copy = Files.createDirectories(temporary.resolve("classes/dev/nettyuring"));
                Files.createSymbolicLink(
                        copy.resolve("jni"), path.resolve("dev/nettyuring/jni").toAbsolutePath());
                entries.add(temporary.resolve("classes").toString());
            } else if (path.getFileName().toString().startsWith("transport-uring-native-")) {
                entries.add(
                        withoutLibraries(path, temporary.resolve("without.jar")).toString());
            } else {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path withoutLibraries(Path jar, Path copy) throws IOException {
        try (InputStream in = Files.newInputStream(jar);
                ZipInputStream from = new ZipInputStream(in);
                OutputStream out = Files.newOutputStream(copy);
                ZipOutputStream to = new ZipOutputStream(out)) {
            for (ZipEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
                if (!entry.getName().endsWith(".so")) {
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    from.transferTo(to);
                }
            }
        }
        return copy;
    }
}
